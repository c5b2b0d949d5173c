"""Any URL and header is answered in time: as asked, or with an OperationOutcome that says what is wrong and where."""

import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Gateway
from tests.gateway.fuzzing import encoded, sent, settings, texts, told

pytestmark = pytest.mark.feature("Robustness", "fuzzed searches, headers and addresses")

# Searches

CODES = """
name birthdate gender identifier general-practitioner organization subject code value-quantity date status
code-value-concept near url nmae _id _lastUpdated _tag _profile _list _text _content _filter _has _type
"""
WORDS = r"""
eq ne gt ge lt le sa eb ap 2020 2020-13 2020-02-30T25:00 T12:00 +08:00 9999-12-31 0000 Z 1 -1 1e400 0.00000001
| || , \, \ $ a|b * % _ ' " ( ) http://x#y Patient/1 Nobody/1 true false mg 30|120|5|km
"""
MODIFIERS = st.sampled_from(
    ["", ":exact", ":missing", ":not", ":in", ":above", ":of-type", ":identifier", ":text", ":Patient", ":x", ":", "::"]
)
CHAINS = st.sampled_from(["", ".name", ".organization.name", ":Patient.birthdate", ".", "..", "._id", ".nmae"])
names = st.tuples(st.sampled_from(CODES.split()), MODIFIERS, CHAINS).map("".join) | st.sampled_from(
    ["_has:Observation:subject:code", "_has:Observation:subject:_has:X:y:z", "_has:::", "_has:Observation:subject:"]
)
words = st.sampled_from(WORDS.split())
arguments = st.lists(words | texts, max_size=5).map("".join)
filters = st.lists(
    st.sampled_from(
        ["name", "birthdate", "eq", "ne", "co", "pr", "and", "or", "not", "(", ")", '"a"', '"', "true", "1"]
    )
    | texts,
    max_size=9,
).map(" ".join)
sorts = st.lists(st.sampled_from(["name", "-birthdate", "_id", "--_id", "-", "", "nmae", "_lastUpdated"])).map(",".join)
includes = st.lists(st.sampled_from(["Patient", "organization", ":", "*", "Observation", "x", "general-practitioner"]))
results = st.one_of(
    st.tuples(st.just("_filter"), filters),
    st.tuples(st.just("_sort"), sorts | texts),
    st.tuples(st.sampled_from(["_include", "_revinclude", "_include:iterate", "_include:x"]), includes.map("".join)),
    st.tuples(
        st.sampled_from(["_cursor", "_count", "_total", "_summary", "_elements", "_contained", "_since"]), arguments
    ),
)
searches = st.lists(st.tuples(names, arguments) | results, max_size=5)


def queried(pairs: list[tuple[str, str]]) -> str:
    return "&".join("=".join(quote(part, errors="surrogatepass") for part in pair) for pair in pairs)


@settings
@given(
    resource_type=st.sampled_from(["Patient", "Observation", "Location", "ValueSet"]),
    pairs=searches,
    lenient=st.booleans(),
)
def test_any_search(gateway: Gateway, resource_type: str, pairs: list[tuple[str, str]], *, lenient: bool) -> None:
    prefer = "handling=lenient" if lenient else "handling=strict"
    query = queried(pairs)
    for path in (
        f"/{resource_type}?{query}",
        f"?_type=Patient,{resource_type}&{query}",
        f"/Patient/1/{resource_type}?{query}",
    ):
        sent(gateway, "GET", path, prefer=prefer)
    form = {"content_type": "application/x-www-form-urlencoded", "prefer": prefer}
    sent(gateway, "POST", f"/{resource_type}/_search", query.encode(), **form)


@settings
@given(text=st.text(alphabet="abc&=;:.,|\\$%_+#?/ 张\x00", max_size=60) | st.binary(max_size=30).map(quote))
def test_any_query_string(gateway: Gateway, text: str) -> None:
    sent(gateway, "GET", "/Patient?" + quote(text, safe="&=;:.,|\\$%_+"))


@pytest.mark.parametrize(
    "query",
    [
        "name=" + "a" * 60_000,
        "&".join(["name=a"] * 40),
        "name=" + ",".join(["a"] * 999),
        "_has:Observation:subject:" * 9 + "code=x",
        "general-practitioner." * 50 + "name=x",
        "_filter=" + "(" * 3000,
        "_filter=" + "not(" * 60 + "name eq a" + ")" * 60,
        "_filter=" + " and ".join(["name co a"] * 60),
        "_sort=" + "name," * 5000,
        "_elements=" + "name," * 5000,
        "_text=" + "a " * 5000,
        "_content=" + "(a+)+$ " * 9,
    ],
    ids=lambda query: query[:24],
)
def test_long_searches(gateway: Gateway, query: str) -> None:
    sent(gateway, "GET", f"/Patient?{quote(query, safe='&=')}")


def test_the_error_names_the_parameter(gateway: Gateway) -> None:
    for query, name in (
        ("nmae=x", "nmae"),
        ("birthdate=x", "birthdate"),
        ("name:odd=x", "name"),
        ("_sort=nmae", "nmae"),
        ("_include=Patient:nmae", "_include"),
        ("_count=x", "_count"),
        ("_total=x", "_total"),
        ("_summary=x", "_summary"),
        ("_elements=nmae", "nmae"),
        ("_filter=x", "_filter"),
        ("_lastUpdated=x", "_lastUpdated"),
        ("general-practitioner:Nobody.name=x", "general-practitioner:Nobody.name"),
        ("gender:missing=x", "gender:missing"),
    ):
        answer = sent(gateway, "GET", f"/Patient?{query}")
        assert answer.status_code == 400, query
        assert name in answer.json()["issue"][0]["diagnostics"], query


# Headers and addresses

plain = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
headers = st.one_of(
    st.tuples(st.just("if_none_exist"), searches.map(queried)),
    st.tuples(st.just("if_none_exist"), plain),
    st.tuples(
        st.sampled_from(["if_match", "if_none_match"]), plain | st.sampled_from(['W/"1"', "*", '"', 'W/"9999999999"'])
    ),
    st.tuples(st.just("if_modified_since"), plain | st.sampled_from(["Thu, 01 Jan 0001 00:00:00 GMT", "9" * 40])),
    st.tuples(
        st.just("prefer"),
        plain | st.sampled_from(["return=x", "handling", "return=minimal;;,", '"' * 9, "wait=" + "9" * 99]),
    ),
    st.tuples(
        st.just("accept"), plain | st.sampled_from(["*/*;q=x", "a/b;" * 50, "application/fhir+json;fhirVersion=9"])
    ),
    st.tuples(
        st.just("content_type"), plain | st.sampled_from(["application/fhir+json; charset=gbk", ";;;", 'a/b;c="'])
    ),
    st.tuples(st.just("x_request_id"), plain),
    st.tuples(st.just("content_encoding"), plain),
)


@settings
@given(pairs=st.lists(headers, max_size=3))
def test_any_headers(gateway: Gateway, pairs: list[tuple[str, str]]) -> None:
    given_headers = {name: value.strip().encode() for name, value in pairs}
    body = encoded({"resourceType": "Patient", "id": "headed"})
    sent(gateway, "PUT", "/Patient/headed", body, **given_headers)
    sent(gateway, "GET", "/Patient/headed", **given_headers)
    sent(gateway, "POST", "/Patient", encoded({"resourceType": "Patient"}), **given_headers)


segments = st.lists(
    st.sampled_from(["Patient", "Nobody", "_history", "_search", "1", "$validate-code", "$", "*", "metadata", "_"])
    | texts,
    max_size=5,
)


@settings
@given(path=segments, method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]))
def test_any_address(gateway: Gateway, path: list[str], method: str) -> None:
    told_path = "/".join(quote(one, safe="", errors="surrogatepass") for one in path)
    started = time.monotonic()
    answer = gateway.client.request(method, f"{gateway.base}/{told_path}")
    if method != "HEAD":
        told(answer, time.monotonic() - started)
    assert answer.status_code < 500
