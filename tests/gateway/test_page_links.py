"""A page link belongs to one caller, one search and half an hour; it tells nothing, and cannot be changed.

https://hl7.org/fhir/R4/http.html#paging
"""

import base64
import json
import threading
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from profiles.json import Resource
from tests.conftest import Gateway, serving
from tests.gateway.district import write

SECRET = "示例保密"
PEOPLE = 9


@pytest.fixture(scope="module")
def ward(gateway: Gateway) -> Gateway:
    names = [{"text": SECRET, "family": "Secretname"}]
    write(gateway, *({"resourceType": "Patient", "id": f"p{n}", "name": names} for n in range(PEOPLE)))
    return gateway


def first(gateway: Gateway, **asked: str) -> Resource:
    answer = gateway.client.get("/Patient", params={"name": "secretname", "_count": "2", **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def next_of(page: Resource) -> str | None:
    return next((str(link["url"]) for link in page["link"] if link["relation"] == "next"), None)


def link(gateway: Gateway, **asked: str) -> str:
    found = next_of(first(gateway, **asked))
    assert found
    return found


def ids(page: Resource) -> list[str]:
    return [entry["resource"]["id"] for entry in page.get("entry", ())]


def refused(answer: httpx.Response) -> bool:
    codes = [answer.json()["issue"][0]["details"]["coding"][0]["code"]] if answer.status_code == 400 else []
    return codes == ["FD-SEARCH-PAGE"]


def test_a_link_shows_nothing_of_what_was_searched_for(ward: Gateway) -> None:
    query = urlsplit(link(ward, **{"name:contains": SECRET})).query
    [(name, cursor)] = parse_qsl(query)
    assert name == "_cursor"
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for told in ("secretname", SECRET, "Patient", "contains"):
        assert told.encode() not in raw
        assert told not in query


def test_a_link_that_was_changed_anywhere_is_refused(ward: Gateway) -> None:
    whole = link(ward)
    start = whole.index("_cursor=") + len("_cursor=")
    for at in range(start, len(whole) - 1, 7):  # the last character has bits that mean nothing
        changed = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
        assert refused(ward.client.get(changed)), at
    for forged in ("", "x", "x" * 300, "示例", whole[start:-9], f"{whole[start:]}AAAA", "gAAAAABm"):
        assert refused(ward.client.get("/Patient", params={"_cursor": forged})), forged
    assert ward.client.get(whole).status_code == 200


def test_a_link_is_of_one_address(ward: Gateway) -> None:
    cursor = dict(parse_qsl(urlsplit(link(ward)).query))["_cursor"]
    for path in ("/Observation", "/Patient/_history", "/Patient/p1/_history", "/Patient/p1/Observation", ""):
        assert refused(ward.client.get(path, params={"_cursor": cursor})), path


def test_what_else_a_link_says_changes_nothing(ward: Gateway) -> None:
    page = ward.client.get(f"{link(ward)}&name=other&_count=5").json()
    assert len(ids(page)) == 2


def test_a_link_of_another_caller_is_refused(ward: Gateway, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two callers at another gateway of the same database, which makes and opens the links of all."""
    folder = tmp_path_factory.mktemp("two")
    tokens = {
        "developer": {"token": "a" * 40, "scope": "system/*.cruds"},
        "reader": {"token": "b" * 40, "scope": "system/*.rs"},
    }
    (folder / "tokens.json").write_text(json.dumps(tokens))
    with (
        serving(ward.database_url, folder) as second,
        second.client_for("developer") as developer,
        second.client_for("reader") as reader,
    ):
        path = link(ward).removeprefix(ward.base)
        assert developer.get(path).status_code == 200
        assert refused(reader.get(path))
        assert reader.get("/Patient", params={"name": "secretname"}).status_code == 200


def test_a_link_expires_half_an_hour_after_the_first_page_however_often_it_is_followed(ward: Gateway) -> None:
    """For what the first page saw is forgotten then."""
    page = first(ward)
    try:
        ward.clock.offset = timedelta(minutes=20)
        following = ward.client.get(str(next_of(page)))
        assert following.status_code == 200
        ward.clock.offset = timedelta(minutes=29)
        assert ward.client.get(str(next_of(page))).status_code == 200
        ward.clock.offset = timedelta(minutes=31)
        assert refused(ward.client.get(str(next_of(page))))
        assert refused(ward.client.get(str(next_of(following.json()))))
    finally:
        ward.clock.offset = timedelta()


@pytest.mark.parametrize("sort", ["", "name", "-_lastUpdated", "_id", "gender,-birthdate"])
def test_while_others_write_the_total_is_what_the_pages_show(ward: Gateway, sort: str) -> None:
    """Writers move resources in and out of what matches all the time; every search adds up, and shows nothing twice."""
    over = threading.Event()

    def keep_writing(own: int) -> None:
        with ward.client_for("developer") as client:
            number = 0
            while not over.is_set():
                number += 1
                name = f"moving-{own}-{number % 7}"
                if number % 5 == 0:
                    client.delete(f"/Patient/{name}")
                    continue
                about = {"name": [{"family": "Moving" if number % 3 else "Gone"}], "birthDate": f"19{number % 80 + 10}"}
                client.put(f"/Patient/{name}", json={"resourceType": "Patient", "id": name, **about})

    threads = [threading.Thread(target=keep_writing, args=(own,)) for own in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(6):
            page = first(ward, name="moving", _total="accurate", **({"_sort": sort} if sort else {}))
            total, shown = page["total"], ids(page)
            while following := next_of(page):
                page = ward.client.get(following).json()
                assert page["total"] == total
                shown += ids(page)
            assert len(set(shown)) == len(shown) == total
    finally:
        over.set()
        for thread in threads:
            thread.join()
