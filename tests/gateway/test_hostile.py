"""Requests that nobody sends by accident: each is refused by itself, and nobody else notices."""

import json
import re
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.conftest import Gateway, serving

pytestmark = pytest.mark.feature("Robustness", "hostile requests")

SCOPES = {
    "developer": "system/*.cruds",
    "adapter": "system/$process-message",
    "writer": "system/MessageHeader.c",
    "almost": "system/*.crud system/Patient.s",
    "person": "patient/*.cruds user/*.cruds patient/$process-message user/$process-message",
}


@pytest.fixture(scope="module")
def scoped(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a token for each of `SCOPES`."""
    folder = tmp_path_factory.mktemp("scoped")
    tokens = {name: {"token": f"token-of-{name}", "scope": scope} for name, scope in SCOPES.items()}
    (folder / "tokens.json").write_text(json.dumps(tokens))
    with serving(database_url, folder) as running:
        yield running
        running.client.close()


def key(answer: httpx.Response) -> str:
    return str(answer.json()["issue"][0]["details"]["coding"][0]["code"])


@pytest.mark.parametrize("wrong", ["%00", "a%00b", "a_b", "%E7%94%B2", "x" * 65, "a%20b", "a%0A"])
def test_what_is_no_id_is_not_found_and_not_written(gateway: Gateway, wrong: str) -> None:
    client = gateway.client
    for path in (f"/Patient/{wrong}", f"/Patient/{wrong}/_history", f"/Patient/{wrong}/_history/1"):
        answer = client.get(path)
        assert (answer.status_code, key(answer)) == (404, "FD-NOT-FOUND")
    answers = client.put(f"/Patient/{wrong}", json={"resourceType": "Patient"}), client.delete(f"/Patient/{wrong}")
    assert [(answer.status_code, key(answer)) for answer in answers] == [(400, "FD-ID")] * 2


def test_who_reads_at_the_same_moment_is_not_harmed(gateway: Gateway) -> None:
    gateway.client.put("/Patient/calm", json={"resourceType": "Patient", "id": "calm"})
    with ThreadPoolExecutor(8) as pool:
        paths = ["/Patient/calm", "/Patient/%00"] * 40
        statuses = list(pool.map(lambda path: gateway.client.get(path).status_code, paths))
    assert statuses == [200, 404] * 40


def test_no_search_has_a_nul(gateway: Gateway) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (
        gateway.client.get("/Patient?name=%00"),
        gateway.client.get("/Patient?name%00=x"),
        gateway.client.get("/Patient?_id=a,%00"),
        gateway.client.post("/Patient/_search", content="name=a%00", headers=form),
    ):
        assert (answer.status_code, key(answer)) == (400, "FD-SEARCH-CHARACTER")


def cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        (f"_cursor={cursor(f'{1 << 63}.1')}", 400, "FD-SEARCH-PAGE"),
        (f"_cursor={cursor(f'1.-{1 << 64}')}", 400, "FD-SEARCH-PAGE"),
        (f"_cursor={cursor('9' * 5000 + '.1')}", 400, "FD-SEARCH-PAGE"),
        ("_count=" + "9" * 5000, 400, "FD-SEARCH-COUNT"),
        ("_count=-1", 400, "FD-SEARCH-COUNT"),
        ("_total=all", 400, "FD-SEARCH-TOTAL"),
        ("_id:exact=x", 400, "FD-SEARCH-MODIFIER"),
        ("_lastUpdated:exact=2026", 400, "FD-SEARCH-MODIFIER"),
        ("_format=xml", 406, "FD-ACCEPT"),
        ("name=a&" * 41, 400, "FD-SEARCH-MANY"),
        ("birthdate=2020" + ",2020" * 1000, 400, "FD-SEARCH-MANY"),
    ],
)
def test_a_search_that_cannot_be_answered_is_refused(gateway: Gateway, query: str, status: int, expected: str) -> None:
    answer = gateway.client.get(f"/Patient?{query}")
    assert (answer.status_code, key(answer)) == (status, expected)


@pytest.mark.parametrize("format_", ["json", "application/json", "application/fhir%2Bjson", "application/fhir+json"])
def test_the_one_format_may_be_asked_for_in_many_ways(gateway: Gateway, format_: str) -> None:
    with_xml = {"Accept": "application/fhir+xml"}
    answer = gateway.client.get(f"/Patient?_format={format_}&_pretty=true&_total=estimate", headers=with_xml)
    assert answer.status_code == 200
    assert gateway.client.get("/metadata?_format=ttl").status_code == 406


def test_the_count_that_was_applied_is_in_the_link(gateway: Gateway) -> None:
    links = gateway.client.get("/Patient?_count=20000").json()["link"]
    assert links[0]["url"].endswith("/Patient?_count=1000")


@pytest.fixture
def refused(gateway: Gateway) -> Iterator[str]:
    """An id that the database stores under no circumstances."""
    with psycopg.connect(gateway.database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'too long' USING ERRCODE = '54000'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON resource FOR EACH ROW WHEN (new.id = 'refused') "
            "EXECUTE FUNCTION refuse()"
        )
        yield "refused"
        connection.execute("DROP FUNCTION refuse CASCADE")


def test_what_the_database_refuses_is_the_client_s_to_mend(gateway: Gateway, refused: str) -> None:
    answer = gateway.client.put(f"/Patient/{refused}", json={"resourceType": "Patient", "id": refused})
    assert (answer.status_code, key(answer)) == (422, "FD-LIMIT")


def test_in_a_batch_what_fails_fails_alone(gateway: Gateway, refused: str) -> None:
    good = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
    unstorable = {
        "resource": {"resourceType": "Patient", "id": refused},
        "request": {"method": "PUT", "url": f"Patient/{refused}"},
    }
    entries = [
        good,
        None,
        {"request": {"method": "BREW", "url": "Patient"}},
        {"request": {"method": "DELETE", "url": "Patient/%00"}},
        {"request": {"method": "GET", "url": "Patient/%00"}},
        {"request": {"method": "GET", "url": "Patient?name=%00"}},
        {"request": {"method": "GET", "url": "Patinet"}},
        unstorable,
        good,
    ]
    answer = gateway.client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert answer.status_code == 200
    told = [entry["response"] for entry in answer.json()["entry"]]
    assert [one["status"] for one in told] == ["201", "400", "400", "400", "404", "400", "404", "422", "201"]
    assert told[1]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].request"]
    assert told[3]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[3]"]


@pytest.mark.parametrize("kind", ["batch", "transaction", ["batch"]])
def test_a_bundle_has_an_end(gateway: Gateway, kind: object) -> None:
    entries = [{"request": {"method": "DELETE", "url": "Patient/nobody"}}] * 5001
    answer = gateway.client.post("", json={"resourceType": "Bundle", "type": kind, "entry": entries})
    expected = (413, "FD-TOO-MANY-ENTRIES") if isinstance(kind, str) else (400, "FD-BUNDLE-TYPE")
    assert (answer.status_code, key(answer)) == expected


def test_a_body_that_ends_early_is_not_applied(gateway: Gateway) -> None:
    body = b'{"resourceType":"Patient","id":"cut"}'
    with raw(gateway) as line:
        line.sendall(head(gateway, "PUT", "/Patient/cut", f"Content-Length: {len(body) + 1}") + body)
    deadline = time.monotonic() + 20
    while 'interaction="update",status="400"' not in metrics(gateway):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert gateway.client.get("/Patient/cut").status_code == 404


def test_compressed_bodies_are_refused(gateway: Gateway) -> None:
    for coding, status in (("gzip", 415), ("identity", 201)):
        headers = {"Content-Encoding": coding}
        assert gateway.client.post("/Patient", json={"resourceType": "Patient"}, headers=headers).status_code == status


@pytest.mark.parametrize("host", ['a"b', "a b", "a/b", "[::1", "host:port", "", "a,b", "-a", "<x>"])
def test_a_host_that_is_none_is_refused(gateway: Gateway, host: str) -> None:
    answer = asked(gateway, "/Patient", host)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"FD-HOST" in answer


@pytest.mark.parametrize("host", ["gateway.example:8080", "[::1]:8080", "10.0.0.1", "fdgw_gateway"])
def test_links_point_to_where_the_client_found_us(gateway: Gateway, host: str) -> None:
    forwarded = "X-Forwarded-Host: elsewhere.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=elsewhere.example"
    for path in ("/Patient", "/metadata"):
        answer = asked(gateway, path, host, forwarded)
        assert answer.startswith(b"HTTP/1.1 200")
        assert f'"url":"http://{host}/fhir'.encode() in answer
        assert b"elsewhere" not in answer


def test_every_address_tells_what_it_takes(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.base) as anybody:
        for path, allowed in (
            ("", "POST, GET, HEAD, OPTIONS"),
            ("/metadata", "GET, HEAD, OPTIONS"),
            ("/Patient/x", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ):
            told = anybody.options(path)
            assert (told.status_code, told.headers["allow"], told.content) == (204, allowed, b"")
            refused = anybody.request("TRACE", path)
            assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
        assert anybody.head("/metadata").status_code == 200
        assert anybody.post("/metadata", json={}).status_code == 405
        assert anybody.options("/Patient/a/b/c/d/e").status_code == 404


def test_the_scope_of_messages_opens_nothing_else(scoped: Gateway) -> None:
    def statuses(name: str) -> list[int]:
        with scoped.client_for(name) as client:
            header = {
                "resourceType": "MessageHeader",
                "eventCoding": {"system": "urn:x", "code": "x"},
                "source": {"endpoint": "urn:x"},
            }
            message = client.post("/$process-message", json={"resourceType": "Bundle", "type": "message"})
            return [message.status_code, client.post("/MessageHeader", json=header).status_code]

    assert statuses("adapter") == [422, 403]
    assert statuses("writer") == [403, 201]
    assert statuses("developer") == [422, 201]
    assert statuses("almost") == [403, 201]
    assert statuses("person") == [403, 403]


def test_a_scope_of_persons_opens_nothing_yet(scoped: Gateway) -> None:
    with scoped.client_for("person") as client:
        assert client.get("/Patient").status_code == 403
        assert client.get("/Patient/x").status_code == 403


def raw(gateway: Gateway) -> socket.socket:
    url = httpx.URL(gateway.base)
    return socket.create_connection((url.host, url.port or 80), timeout=30)


def head(gateway: Gateway, method: str, path: str, *more: str) -> bytes:
    lines = [f"{method} /fhir{path} HTTP/1.1", *more, f"Authorization: Bearer {gateway.tokens['developer']}"]
    named = lines if any(line.startswith("Host:") for line in more) else [*lines, "Host: localhost"]
    return "\r\n".join([*named, "", ""]).encode()


def asked(gateway: Gateway, path: str, host: str, *more: str) -> bytes:
    with raw(gateway) as line:
        line.sendall(head(gateway, "GET", path, f"Host: {host}", "Connection: close", *more))
        return b"".join(iter(lambda: line.recv(65536), b""))


def metrics(gateway: Gateway) -> str:
    return httpx.get(re.sub("/fhir$", "/metrics", gateway.base)).text
