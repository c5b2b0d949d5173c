"""JSON Patch: RFC 6902's own examples, the corners that implementations get wrong, and laws."""

import base64
import copy
from decimal import Decimal

import pytest

from gateway.errors import BadRequest, BadSyntax, TooLarge, Unprocessable, UnsupportedMediaType
from gateway.rest import patching
from gateway.rest.patching import json_patch
from profiles import json

pytestmark = pytest.mark.feature("Interactions", "JSON Patch")

JSON_PATCH = "application/json-patch+json"

# https://www.rfc-editor.org/rfc/rfc6902#appendix-A
RFC = {
    "A.1": ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    "A.2": (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    "A.3": ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    "A.4": ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    "A.5": (
        {"baz": "qux", "foo": "bar"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"},
    ),
    "A.6": (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    "A.7": (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    "A.8": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    "A.10": (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    "A.11": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
        {"foo": "bar", "baz": "qux"},
    ),
    "A.14": ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    "A.16": (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
}
# What the public suites of implementations ask: document, operation, result.
CORNERS = {
    "nothing to do": ({"a": 1}, [], {"a": 1}),
    "add replaces": ({"a": None}, [{"op": "add", "path": "/a", "value": 1}], {"a": 1}),
    "add null": ({}, [{"op": "add", "path": "/a", "value": None}], {"a": None}),
    "add false": ({}, [{"op": "add", "path": "/a", "value": False}], {"a": False}),
    "add at the root": ({"a": 1}, [{"op": "add", "path": "", "value": []}], []),
    "replace the root": ([], [{"op": "replace", "path": "", "value": {"a": 1}}], {"a": 1}),
    "the empty name": ({}, [{"op": "add", "path": "/", "value": 1}], {"": 1}),
    "the empty name inside": ({"a": {}}, [{"op": "add", "path": "/a/", "value": 1}], {"a": {"": 1}}),
    "into the empty list": ([], [{"op": "add", "path": "/0", "value": "x"}], ["x"]),
    "end by its index": ([1, 2], [{"op": "add", "path": "/2", "value": 3}], [1, 2, 3]),
    "end of a list in lists": ([[1, [2]]], [{"op": "add", "path": "/0/1/-", "value": 3}], [[1, [2, 3]]]),
    "a list is not flattened": ([1], [{"op": "add", "path": "/0", "value": [2, 3]}], [[2, 3], 1]),
    "a number may be a name": ({}, [{"op": "add", "path": "/0", "value": 1}], {"0": 1}),
    "1e0 may be a name": ({"1e0": 1}, [{"op": "test", "path": "/1e0", "value": 1}], {"1e0": 1}),
    "names have a case": ({"a": 1}, [{"op": "add", "path": "/A", "value": 2}], {"a": 1, "A": 2}),
    "- may be a name": ({"-": 1}, [{"op": "remove", "path": "/-"}], {}),
    "one after the other": ([1, 2, 3, 4], [{"op": "remove", "path": "/1"}, {"op": "remove", "path": "/2"}], [1, 3]),
    "in a list of objects": ({"a": [{"b": 1}]}, [{"op": "remove", "path": "/a/0/b"}], {"a": [{}]}),
    "null is replaced": ({"a": None}, [{"op": "replace", "path": "/a", "value": 1}], {"a": 1}),
    "null is moved": ({"a": None}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": None}),
    "null is copied": ({"a": None}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": None, "b": None}),
    "null is removed": ({"a": None}, [{"op": "remove", "path": "/a"}], {}),
    "to where it is": ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    "out of a list": ({"a": [{"b": 1}]}, [{"op": "move", "from": "/a/0/b", "path": "/a/1"}], {"a": [{}, 1]}),
    "a copy of an object": ({"a": [{}]}, [{"op": "copy", "from": "/a/0", "path": "/b"}], {"a": [{}], "b": {}}),
    "a copy stays as it was": (
        {"a": {"b": 1}},
        [{"op": "copy", "from": "/a", "path": "/c"}, {"op": "replace", "path": "/a/b", "value": 2}],
        {"a": {"b": 2}, "c": {"b": 1}},
    ),
}
TRUE = [
    ({"a": None}, "/a", None),
    ({"a": {"x": 1, "y": [{"p": 1, "q": 2}]}}, "/a", {"y": [{"q": 2, "p": 1}], "x": 1}),
    ({"": 1}, "/", 1),
    ({"a/b": 1, "m~n": 2, "c%d": 3, 'k"l': 4, " ": 5}, "", {"a/b": 1, "m~n": 2, "c%d": 3, 'k"l': 4, " ": 5}),
    ({"a/b": 1}, "/a~1b", 1),
    ({"m~n": 2}, "/m~0n", 2),
    ({"a": Decimal("1.50")}, "/a", Decimal("1.5")),
    ({"a": 1}, "/a", Decimal("1.0")),
]
FALSE = [
    ({"baz": "qux"}, "/baz", "bar"),
    ({"/": 9, "~1": 10}, "/~01", "10"),
    ({"a": [1, 2]}, "/a", [1]),
    ({"a": {"b": 1}}, "/a", [1]),
    ({"a": True}, "/a", 1),
    ({"a": 0}, "/a", False),
    ({"a": [True]}, "/a", [Decimal("1.0")]),
    ({"a": None}, "/a", False),
]
NOWHERE = [
    ({"foo": "bar"}, {"op": "add", "path": "/baz/bat", "value": "qux"}),
    ([1, 2], {"op": "add", "path": "/3", "value": 1}),
    ([1, 2], {"op": "add", "path": "/-1", "value": 1}),
    ([1, 2], {"op": "add", "path": "/a", "value": 1}),
    ([1, 2], {"op": "add", "path": "/1e0", "value": 1}),
    ([1, 2], {"op": "add", "path": "/01", "value": 1}),
    ([1, 2], {"op": "add", "path": "/ 1", "value": 1}),
    ([1, 2], {"op": "add", "path": "/١", "value": 1}),
    ([1, 2], {"op": "add", "path": "/" + "9" * 5000, "value": 1}),
    ([1, 2], {"op": "remove", "path": "/2"}),
    ([1, 2], {"op": "remove", "path": "/-"}),
    ([1, 2], {"op": "remove", "path": "/1e0"}),
    ([1, 2], {"op": "replace", "path": "/1e0", "value": 1}),
    ([1, 2], {"op": "test", "path": "/00", "value": 1}),
    ({"a": 1}, {"op": "remove", "path": "/b"}),
    ({"a": 1}, {"op": "remove", "path": "/a/b"}),
    ({"a": "text"}, {"op": "test", "path": "/a/0", "value": "t"}),
    ({"a": "b"}, {"op": "replace", "path": "/c/d", "value": 1}),
    ({"a": [1]}, {"op": "copy", "from": "/a/1", "path": "/b"}),
    ({"a": [1]}, {"op": "move", "from": "/b", "path": "/c"}),
    ({"a": 1}, {"op": "add", "path": "/a" * 101, "value": 1}),
]
MALFORMED = [
    {"op": "spam", "path": "/a"},
    {"op": ["add"], "path": "/a"},
    {"path": "/a"},
    {"op": "add", "path": "/a"},
    {"op": "replace", "path": "/a"},
    {"op": "test", "path": "/a"},
    {"op": "copy", "path": "/a"},
    {"op": "move", "path": ""},
    {"op": "move", "from": 1, "path": "/a"},
    {"op": "remove"},
    {"op": "remove", "path": None},
    {"op": "remove", "path": "a"},
    {"op": "remove", "path": "/~2"},
    {"op": "remove", "path": "/a~"},
]


@pytest.mark.parametrize(("before", "operations", "after"), [*RFC.values(), *CORNERS.values()], ids=[*RFC, *CORNERS])
def test_what_the_operations_do(before, operations, after):
    untouched = copy.deepcopy(before)
    assert json_patch.apply(before, operations) == after
    assert before == untouched


@pytest.mark.parametrize(("document", "path", "value"), TRUE)
def test_a_test_that_holds_changes_nothing(document, path, value):
    assert json_patch.apply(document, [{"op": "test", "path": path, "value": value}]) == document


@pytest.mark.parametrize(("document", "path", "value"), FALSE)
def test_a_test_that_fails_stops_the_patch(document, path, value):
    with pytest.raises(Unprocessable) as caught:
        json_patch.apply(document, [{"op": "test", "path": path, "value": value}])
    assert caught.value.issues[0].key == "FD-PATCH-TEST"


@pytest.mark.parametrize(("document", "operation"), NOWHERE)
def test_a_path_that_leads_nowhere_is_unprocessable(document, operation):
    with pytest.raises(Unprocessable) as caught:
        json_patch.apply(document, [operation])
    assert caught.value.issues[0].key == "FD-PATCH-PATH"


@pytest.mark.parametrize("operation", MALFORMED)
def test_what_is_no_operation_is_a_bad_request(operation):
    with pytest.raises(BadRequest, match="Operation 1"):
        json_patch.apply({"a": 1}, [operation])


@pytest.mark.parametrize("operations", [None, {}, "add", 1, [1], [[]], [None]])
def test_what_is_no_list_of_operations_is_a_bad_request(operations):
    with pytest.raises(BadRequest):
        json_patch.apply({"a": 1}, operations)


@pytest.mark.parametrize(("source", "path"), [("/a", "/a/b"), ("", "/a"), ("/l/0", "/l/0/x")])
def test_nothing_is_moved_into_itself(source, path):
    with pytest.raises(Unprocessable) as caught:
        json_patch.apply({"a": {}, "l": [{}, {}]}, [{"op": "move", "from": source, "path": path}])
    assert caught.value.issues[0].key == "FD-PATCH-MOVE"


def test_the_whole_document_is_not_removed():
    with pytest.raises(Unprocessable):
        json_patch.apply({"a": 1}, [{"op": "remove", "path": ""}])


def test_an_error_names_the_operation_and_its_pointers_in_both_languages():
    operations = [{"op": "remove", "path": "/a"}, {"op": "move", "from": "/x/0", "path": "/y"}]
    with pytest.raises(Unprocessable) as caught:
        json_patch.apply({"a": 1}, operations)
    issue = caught.value.issues[0]
    assert "Operation 2 '/x/0' → '/y'" in issue.en
    assert "第 2 个操作 '/x/0' → '/y'" in issue.zh


def test_copies_of_copies_end_before_memory_does():
    doubling = [{"op": "copy", "from": "/a", "path": f"/a/{number}"} for number in range(60)]
    with pytest.raises(TooLarge):
        json_patch.apply({"a": {"text": "x" * 100}}, doubling)


def test_a_patch_of_very_many_operations_is_too_large():
    with pytest.raises(TooLarge):
        json_patch.apply({}, [{"op": "add", "path": "/a", "value": 1}] * (json_patch.MOST_OPERATIONS + 1))


# The door

OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "valueQuantity": {"value": Decimal("1.50"), "unit": "mmol/L"},
}


def test_decimals_keep_their_text():
    add = b'{"op":"add","path":"/referenceRange","value":[{"low":{"value":0.10}}]}'
    body = b"[%s,%s]" % (add, b'{"op":"copy","from":"/valueQuantity","path":"/referenceRange/0/high"}')
    after = patching.apply(OBSERVATION, body, "application/json-patch+json; charset=utf-8")
    assert json.dumps(after["referenceRange"]) == b'[{"low":{"value":0.10},"high":{"value":1.50,"unit":"mmol/L"}}]'
    assert json.dumps(after["valueQuantity"]) == b'{"value":1.50,"unit":"mmol/L"}'


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/id", "value": "other"},
        {"op": "remove", "path": "/id"},
        {"op": "replace", "path": "/resourceType", "value": "Patient"},
        {"op": "move", "from": "/resourceType", "path": "/status"},
        {"op": "replace", "path": "", "value": {"resourceType": "Observation"}},
        {"op": "replace", "path": "", "value": []},
        {"op": "replace", "path": "", "value": None},
    ],
)
def test_type_and_id_stay(operation):
    with pytest.raises(Unprocessable):
        patching.apply_operations(OBSERVATION, [operation])


def test_the_same_id_may_be_written():
    assert patching.apply_operations(OBSERVATION, [{"op": "replace", "path": "/id", "value": "o"}]) == OBSERVATION


@pytest.mark.parametrize("media", ["application/merge-patch+json", "application/xml-patch+xml", "text/plain", "", ";"])
def test_other_patches_are_an_unsupported_media_type(media):
    with pytest.raises(UnsupportedMediaType) as caught:
        patching.apply(OBSERVATION, b"[]", media)
    assert JSON_PATCH in caught.value.issues[0].en
    assert "application/fhir+json" in caught.value.issues[0].en


@pytest.mark.parametrize("body", [b"", b"[", b"\xff", b'"\\ud800"', b"[" * 100_000])
@pytest.mark.parametrize("media", [JSON_PATCH, "application/fhir+json"])
def test_what_is_not_json_is_bad_syntax(body, media):
    with pytest.raises(BadSyntax):
        patching.apply(OBSERVATION, body, media)


def test_json_patch_sent_as_json_is_told_how_it_should_be_sent():
    with pytest.raises(BadRequest, match="json-patch"):
        patching.apply(OBSERVATION, b'[{"op":"remove","path":"/status"}]', "application/json")


def binary(body: bytes) -> dict:
    return {"resourceType": "Binary", "contentType": JSON_PATCH, "data": base64.b64encode(body).decode()}


def test_a_patch_in_a_bundle_stands_in_a_binary():
    after = patching.apply_entry(OBSERVATION, binary(b'[{"op":"replace","path":"/status","value":"amended"}]'))
    assert after == {**OBSERVATION, "status": "amended"}


@pytest.mark.parametrize(
    "wrong",
    [
        {**binary(b"[]"), "contentType": "application/json"},
        {**binary(b"[]"), "contentType": None},
        {**binary(b"[]"), "data": "*"},
        {**binary(b"[]"), "data": "é"},
        {**binary(b"[]"), "data": 1},
        binary(b"["),
        {"resourceType": "Patient"},
        None,
        [],
    ],
)
def test_what_is_no_patch_in_a_bundle_is_refused(wrong):
    with pytest.raises((BadRequest, UnsupportedMediaType)):
        patching.apply_entry(OBSERVATION, wrong)
