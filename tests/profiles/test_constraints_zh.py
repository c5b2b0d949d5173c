import re
from collections import defaultdict
from pathlib import Path

import pytest

from profiles import json, validation
from profiles.structures import published
from tests.profiles.validating import element, found, patient, profile

HL7 = "http://hl7.org/fhir/StructureDefinition/"
R4 = Path(published.__file__).parents[1] / "r4"
CHINESE = json.loads((R4 / "constraints.zh.json").read_bytes())


def english():
    """What HL7 says, by key, or by `Type.key` where types share a key."""
    told = defaultdict(dict)
    for definition in filter(None, map(published.hl7, published.urls())):
        for one in definition["differential"]["element"]:
            for constraint in one.get("constraint", ()):
                told[constraint["key"]][definition["url"].rpartition("/")[2]] = constraint["human"]
    for key, by_type in told.items():
        for kind, human in by_type.items():
            yield (key if len(by_type) == 1 else f"{kind}.{key}"), human


def test_every_constraint_of_r4_has_a_chinese_text_and_none_is_left_over():
    keys = [key for key, _ in english()]
    assert len(keys) == 245
    assert sorted(CHINESE) == sorted(keys)


def test_every_text_is_a_chinese_sentence_and_not_the_english_one():
    for key, human in english():
        assert re.fullmatch(r"[^\n]*[\u4e00-\u9fff][^\n]*。", CHINESE[key]), key
        assert CHINESE[key] != human


def test_every_element_that_a_text_names_is_one_of_r4():
    """A word in camel case is the name of one; a choice may go by a type."""
    words = {word for text in CHINESE.values() for word in re.findall(r"\b[a-z]+(?:[A-Z][a-z]+)+\b", text, re.ASCII)}
    known = set(re.findall(r"\w+", (R4 / "structure-definitions.json").read_text("utf-8")))
    assert words - known == {"answerBoolean", "probabilityDecimal"}


def test_the_file_has_an_entry_a_line_in_order():
    lines = (R4 / "constraints.zh.json").read_text("utf-8").splitlines()
    keys = [line.split('"')[1] for line in lines[1:-1]]
    assert keys == sorted(CHINESE)


def told(resource, key):
    (issue,) = (one for one in validation.shipped().check(resource) if one.key == key)
    return issue


def test_an_organization_without_name_and_identifier_is_told_in_both_languages():
    issue = told({"resourceType": "Organization"}, "org-1")
    assert (issue.severity, issue.expression) == ("error", "Organization")
    assert issue.zh == "机构至少要有 name（名称）或 identifier（标识）之一，请补上。"
    assert issue.en == "The organization SHALL at least have a name or an identifier, and possibly more than one"


def test_a_recommendation_says_in_chinese_that_it_is_one():
    issue = told(patient(active=True), "dom-6")
    assert issue.severity == "warning"
    assert issue.zh == CHINESE["dom-6"]
    assert "建议" in issue.zh


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        ({"resourceType": "Parameters", "parameter": [{"name": "a"}]}, "Parameters.inv-1"),
        (
            {"resourceType": "Task", "status": "draft", "intent": "order"}
            | {"authoredOn": "2026-01-02", "lastModified": "2026-01-01"},
            "Task.inv-1",
        ),
    ],
)
def test_of_a_key_that_types_share_the_text_is_that_of_the_type(resource, text):
    assert told(resource, "inv-1").zh == CHINESE[text]


def test_a_constraint_of_a_data_type_is_told_in_chinese_where_the_type_is_used():
    issue = told(patient(telecom=[{"value": "1"}]), "cpt-2")
    assert issue.zh == CHINESE["cpt-2"]


def test_a_key_of_r4_that_a_profile_has_for_something_else_is_told_in_the_words_of_the_profile():
    constraint = {"key": "pat-1", "severity": "error", "human": "a rule", "expression": "false"}
    (issue,) = found(
        patient(name=[{"text": "甲"}]), profile("Patient", element("Patient.name", constraint=[constraint]))
    )
    assert (issue.key, issue.zh, issue.en) == ("pat-1", "a rule", "a rule")


def test_a_constraint_that_only_claims_to_be_of_r4_is_told_in_its_own_words():
    constraint = {
        "key": "pat-1",
        "severity": "error",
        "human": "a rule",
        "expression": "false",
        "source": f"{HL7}Patient",
    }
    (issue,) = found(
        patient(name=[{"text": "甲"}]), profile("Patient", element("Patient.name", constraint=[constraint]))
    )
    assert issue.zh == "a rule"
