"""Pages of other origins: nobody's by default, those of the setting where it names them."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from gateway.rest import cors
from gateway.settings import Settings
from tests.conftest import Gateway, serving

pytestmark = pytest.mark.feature("Interactions", "OPTIONS and CORS")

PAGE = "https://app.example"
ORIGIN = {b"origin": PAGE.encode()}
PREFLIGHT = {**ORIGIN, b"access-control-request-method": b"PUT", b"access-control-request-headers": b"if-match"}


def told(origins: tuple[str, ...], method: str = "GET", asked: dict[bytes, bytes] = ORIGIN) -> dict[str, str]:
    pairs = cors.headers(origins, method, asked)
    assert len(dict(pairs)) == len(pairs)
    return {name.decode(): value.decode() for name, value in pairs}


def test_by_default_no_page_is_let_in():
    assert told(()) == {}
    assert told((), "OPTIONS", PREFLIGHT) == {}


def test_a_page_of_the_setting_may_read_what_it_needs():
    answer = told(("https://other.example", PAGE))
    assert (answer["access-control-allow-origin"], answer["vary"]) == (PAGE, "Origin")
    exposed = answer["access-control-expose-headers"].split(", ")
    assert {"ETag", "Location", "Content-Location", "Last-Modified", "X-Request-Id"} <= set(exposed)
    assert "access-control-allow-credentials" not in answer


def test_a_page_of_the_setting_is_told_what_it_may_send():
    answer = told((PAGE,), "OPTIONS", PREFLIGHT)
    assert answer["access-control-allow-origin"] == PAGE
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(answer["access-control-allow-methods"].split(", "))
    sent = "Authorization Content-Type Prefer If-Match If-None-Match If-None-Exist If-Modified-Since X-Request-Id"
    assert set(sent.split()) <= set(answer["access-control-allow-headers"].split(", "))


@pytest.mark.parametrize(
    "origin", ["https://app.example.evil", "http://app.example", "null", "", "https://APP.example"]
)
def test_any_other_page_is_not(origin: str):
    asked = {**PREFLIGHT, b"origin": origin.encode()}
    assert told((PAGE,), "OPTIONS", asked) == {"vary": "Origin"}
    assert told((PAGE,), "GET", asked) == {"vary": "Origin"}


def test_caches_learn_that_answers_differ_even_where_no_page_asks():
    assert told((PAGE,), "GET", {}) == {"vary": "Origin"}


def test_every_page_may_be_let_in():
    answer = told(("*",))
    assert answer["access-control-allow-origin"] == "*"
    assert "vary" not in answer
    assert told(("*",), "GET", {}) == {}


def test_a_plain_options_is_no_preflight():
    assert "access-control-allow-methods" not in told((PAGE,), "OPTIONS", ORIGIN)
    assert "access-control-allow-methods" not in told((PAGE,), "GET", PREFLIGHT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://a.example, http://localhost:3000/", ("https://a.example", "http://localhost:3000")),
    ],
)
def test_the_setting_is_a_list_with_commas(monkeypatch: pytest.MonkeyPatch, text: str, expected: tuple[str, ...]):
    monkeypatch.setenv("FDGW_CORS_ORIGINS", text)
    assert Settings().cors_origins == expected
    assert Settings(cors_origins=expected).cors_origins == expected


@pytest.mark.parametrize("wrong", ["a.example", "https://a.example/path", "https://*", "https://a example"])
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str):
    monkeypatch.setenv("FDGW_CORS_ORIGINS", wrong)
    with pytest.raises(ValidationError):
        Settings()


def test_a_gateway_without_the_setting_says_nothing_to_pages(gateway: Gateway):
    preflight = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    for answer in (
        gateway.client.options("/Patient", headers=preflight),
        gateway.client.get("/metadata", headers={"Origin": PAGE}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.fixture(scope="module")
def opened(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose setting names the page."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FDGW_CORS_ORIGINS", PAGE)
        with serving(database_url, tmp_path_factory.mktemp("opened")) as running:
            yield running
            running.client.close()


def test_a_gateway_with_the_setting_lets_the_page_in(opened: Gateway):
    preflight = {"Origin": PAGE, "Access-Control-Request-Method": "PUT", "Authorization": ""}
    answer = opened.client.options("/Patient/x", headers=preflight)
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == PAGE
    for path, status in (("/metadata", 200), ("/Patient/nobody", 404), ("/Patient?nmae=x", 400)):
        told = opened.client.get(path, headers={"Origin": PAGE})
        assert (told.status_code, told.headers["access-control-allow-origin"]) == (status, PAGE)
        assert opened.client.get(path, headers={"Origin": "https://evil.example"}).headers["vary"] == "Origin"
