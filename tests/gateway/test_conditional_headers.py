"""Conditions of reads and writes, and what else the headers of every exchange say. RFC 9110 §13"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.rest import conditions
from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Interactions", "conditional read and If-Match")

MOMENT = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC)
UPDATED = int(MOMENT.timestamp() * 1000)
PATIENT = {"resourceType": "Patient"}


def known(version: int = 3, **headers: str) -> bool:
    asked = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return conditions.known(asked, version, UPDATED)


@pytest.mark.parametrize("tags", ['W/"3"', '"3"', "*", 'W/"1", W/"3"', '"a,b","3"', ' W/"2" ,, "3" '])
def test_a_version_among_the_tags_is_known(tags: str):
    assert known(if_none_match=tags)


@pytest.mark.parametrize("tags", ['W/"2"', '"33"', "3", "", "W/3", '"3', 'w/"3"', '*, "3"', '"3" "4"', '"9999999999"'])
def test_any_other_version_is_not(tags: str):
    assert not known(if_none_match=tags)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("Sun, 01 Mar 2026 08:30:15 GMT", True),
        ("Sun, 01 Mar 2026 08:30:16 GMT", True),
        ("Sun, 01 Mar 2026 08:30:14 GMT", False),
        ("Sunday, 01-Mar-26 08:30:15 GMT", True),
        ("Sun Mar  1 08:30:15 2026", True),
        ("2026-03-01T08:30:15Z", False),
        ("Sun, 31 Feb 2026 08:30:15 GMT", False),
        ("tomorrow", False),
        ("", False),
    ],
)
def test_a_date_counts_in_whole_seconds_and_only_where_it_is_one(since: str, expected: bool):  # noqa: FBT001
    assert known(if_modified_since=since) is expected


def test_a_date_does_not_count_beside_a_tag():
    late = format_datetime(MOMENT + timedelta(days=1), usegmt=True)
    assert not known(if_none_match='W/"2"', if_modified_since=late)
    assert not known(if_none_match="rubbish", if_modified_since=late)
    assert known(if_none_match='W/"3"', if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT")


@given(st.binary(max_size=80))
def test_no_condition_of_a_read_is_an_error(value: bytes):
    conditions.known({b"if-modified-since": value}, 1, UPDATED)
    conditions.known({b"if-none-match": value}, 1, UPDATED)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year >= 1970))
def test_what_was_sent_as_last_modified_is_known_when_it_comes_back(updated: datetime):
    sent = format_datetime(updated.replace(microsecond=0), usegmt=True).encode()
    assert conditions.known({b"if-modified-since": sent}, 1, int(updated.timestamp() * 1000))


def test_if_match_is_a_list_of_versions_or_any():
    listed = conditions.expected({b"if-match": b'W/"1", "3", "other"'})
    assert listed is not None
    assert [listed.have(version) for version in (1, 2, 3, None)] == [True, False, True, False]
    anything = conditions.expected({b"if-match": b"*"})
    assert anything is not None
    assert [anything.have(version) for version in (1, 2, None)] == [True, True, False]
    assert conditions.expected({}) is None


@pytest.mark.parametrize("value", [b"1", b"W/1", b"", b'"1', b'"1" "2"', b'*, "1"'])
def test_if_match_that_is_none_is_refused(value: bytes):
    with pytest.raises(BadRequest):
        conditions.expected({b"if-match": value})


# On the wire


def test_a_reader_who_has_it_is_told_so(gateway: Gateway):
    made = gateway.client.put("/Patient/known", json={**PATIENT, "id": "known"})
    tag, date = made.headers["etag"], made.headers["last-modified"]
    for condition in ({"If-None-Match": f'W/"9", {tag}'}, {"If-None-Match": "*"}, {"If-Modified-Since": date}):
        answer = gateway.client.get("/Patient/known", headers=condition)
        assert (answer.status_code, answer.content) == (304, b"")
        assert (answer.headers["etag"], answer.headers["last-modified"]) == (tag, date)
    changed = {"If-None-Match": 'W/"9"', "If-Modified-Since": date}
    assert gateway.client.get("/Patient/known", headers=changed).status_code == 200
    several = [("If-None-Match", 'W/"9"'), ("If-None-Match", tag)]
    assert gateway.client.get("/Patient/known", headers=several).status_code == 304


@pytest.mark.parametrize("given_id", ["abc-1", "0190.3/x:y=z+_~", "f" * 64])
def test_a_plain_name_of_a_request_comes_back(gateway: Gateway, given_id: str):
    answer = gateway.client.get("/metadata", headers={"X-Request-Id": given_id})
    assert answer.headers["x-request-id"] == given_id
    assert gateway.client.get("/nowhere/a/b/c", headers={"X-Request-Id": given_id}).headers["x-request-id"] == given_id


@pytest.mark.parametrize("given_id", ["", "a b", "a,b", "<x>", "f" * 65, "甲"])
def test_any_other_name_is_replaced(gateway: Gateway, given_id: str):
    answer = gateway.client.get("/metadata", headers={b"X-Request-Id": given_id.encode()})
    assert answer.headers["x-request-id"] not in {"", given_id}
    assert answer.headers["x-request-id"].isalnum()


def test_every_answer_comes_in_lines_where_that_is_asked_for(gateway: Gateway):
    made = gateway.client.post("/Patient?_pretty=true", json=PATIENT)
    assert made.text.startswith('{\n  "resourceType": "Patient",\n')
    for path in ("/metadata", "/Patient?_count=1", f"/Patient/{made.json()['id']}", "/Patient/nobody", "/Patinet"):
        joined = "&" if "?" in path else "?"
        answer = gateway.client.get(f"{path}{joined}_pretty=true")
        assert answer.text.startswith("{\n  ")
        assert int(answer.headers["content-length"]) == len(answer.content)
        assert "\n" not in gateway.client.get(f"{path}{joined}_pretty=false").text


def test_head_tells_the_length_and_sends_nothing(gateway: Gateway):
    gateway.client.put("/Patient/head", json={**PATIENT, "id": "head"})
    whole = gateway.client.get("/Patient/head?_pretty=true")
    told = gateway.client.head("/Patient/head?_pretty=true")
    assert (told.status_code, told.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "last-modified"):
        assert told.headers[name] == whole.headers[name]
