"""A QuestionnaireResponse is found wrong against its Questionnaire: at the answer at fault, and nowhere else."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.r4.issues import Issue
from profiles.terminology import shipped
from profiles.validation.questionnaires import issues
from profiles.validation.wordings_answers import WORDINGS

HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
UCUM = "http://unitsofmeasure.org"
GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"
MALE = {"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}


def asked(kind: str, link_id: str = "q", *inner: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "item": list(inner), **members}


def extended(kind: str, *limits: tuple[str, str, Any], **members: Any) -> dict[str, Any]:
    """A question with extensions: (URL, type of the value, value)."""
    return asked(kind, extension=[{"url": url, f"value{type_}": value} for url, type_, value in limits], **members)


def said(*values: dict[str, Any], link_id: str = "q", **members: Any) -> dict[str, Any]:
    return {"linkId": link_id, "answer": list(values), **members} if values else {"linkId": link_id, **members}


def found(questions: list[dict[str, Any]], items: list[dict[str, Any]], status: str = "completed") -> list[str]:
    questionnaire = {"resourceType": "Questionnaire", "status": "active", "item": questions}
    response = {"resourceType": "QuestionnaireResponse", "status": status, "item": items}
    every = issues(response, questionnaire, shipped())
    return [f"{issue.key} {issue.expression.removeprefix('QuestionnaireResponse.')}" for issue in every]


def verdict(question: dict[str, Any], *values: dict[str, Any]) -> list[str]:
    """The keys for the answers to one question."""
    return [one.partition(" ")[0] for one in found([question], [said(*values)])]


# Items

TREE = [
    asked("group", "g", asked("string", "a", required=True), asked("string", "b", asked("string", "c")), repeats=True),
    asked("display", "d"),
    asked("string", "e"),
]
TEXT = {"valueString": "x"}
A, B = said(TEXT, link_id="a"), said(TEXT, link_id="b")


def group(*items: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": "g", "item": list(items)}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], []),
        ([group(A), group(A, B), said(link_id="d"), said(TEXT, link_id="e")], []),
        ([group(A, said({**TEXT, "item": [said(TEXT, link_id="c")]}, link_id="b"))], []),
        ([group(B)], ["FD-ANSWER-REQUIRED item[0].item"]),
        ([group(said(link_id="a"))], ["FD-ANSWER-REQUIRED item[0].item[0].answer"]),
        ([group(B, A)], ["FD-ANSWER-ORDER item[0].item[1]"]),
        ([group(A, A)], ["FD-ANSWER-REPEATED item[0].item[1]"]),
        ([group(said(TEXT, TEXT, link_id="a"))], ["FD-ANSWER-REPEATED item[0].item[0].answer"]),
        ([said(TEXT, link_id="z")], ["FD-ANSWER-UNKNOWN item[0].linkId"]),
        ([said(TEXT, link_id="b")], ["FD-ANSWER-MISPLACED item[0].linkId"]),
        ([group(A, said(TEXT, link_id="c"))], ["FD-ANSWER-MISPLACED item[0].item[1].linkId"]),
        ([{**group(A), "answer": [TEXT]}], ["FD-ANSWER-NOT-ALLOWED item[0].answer"]),
        ([said(TEXT, link_id="d")], ["FD-ANSWER-NOT-ALLOWED item[0].answer"]),
        ([group(A, {**said(TEXT, link_id="b"), "item": []})], ["FD-ANSWER-ITEMS item[0].item[1].item"]),
    ],
)
def test_items_are_those_of_the_questionnaire(items: list[dict[str, Any]], expected: list[str]):
    assert found(TREE, items) == expected


def test_an_abstract_question_has_no_answer():
    assert verdict(asked("question"), TEXT) == ["FD-ANSWER-NOT-ALLOWED"]


def test_what_is_missing_is_an_error_only_when_the_response_is_finished():
    question = asked("string", required=True)
    questionnaire = {"resourceType": "Questionnaire", "item": [question, asked("group", "g", required=True)]}
    for status, severity in [("completed", "error"), ("amended", "error"), ("in-progress", "warning")]:
        response = {"resourceType": "QuestionnaireResponse", "status": status, "item": [{"linkId": "g"}]}
        every = issues(response, questionnaire, shipped())
        assert [(one.key, one.severity) for one in every] == [("FD-ANSWER-REQUIRED", severity)] * 2


def test_occurrences_are_counted_of_answers_and_of_groups():
    limits = (f"{HL7}/questionnaire-minOccurs", "Integer", 2), (f"{HL7}/questionnaire-maxOccurs", "Integer", 3)
    question = extended("string", *limits, repeats=True)
    assert verdict(question, TEXT) == ["FD-ANSWER-TOO-FEW"]
    assert verdict(question, TEXT, TEXT, TEXT) == []
    assert verdict(question, *[TEXT] * 4) == ["FD-ANSWER-TOO-MANY"]
    groups = [extended("group", *limits, repeats=True)]
    assert found(groups, [said()]) == ["FD-ANSWER-TOO-FEW item[0]"]
    assert found(groups, [said()] * 4) == ["FD-ANSWER-TOO-MANY item[0]"]


# Enabling


def condition(operator: str, **expected: Any) -> dict[str, Any]:
    return {"question": "first", "operator": operator, **expected}


def km(value: int, unit: str = "km") -> dict[str, Any]:
    return {"value": value, "system": UCUM, "code": unit}


@pytest.mark.parametrize(
    ("first", "when", "enabled"),
    [
        ({"valueBoolean": True}, condition("=", answerBoolean=True), True),
        ({"valueBoolean": True}, condition("=", answerBoolean=False), False),
        ({"valueBoolean": True}, condition("!=", answerBoolean=False), True),
        ({"valueBoolean": True}, condition("exists", answerBoolean=True), True),
        ({"valueBoolean": True}, condition("exists", answerBoolean=False), False),
        ({}, condition("exists", answerBoolean=False), True),
        ({}, condition("=", answerBoolean=False), False),
        ({}, condition("!=", answerBoolean=False), True),
        ({"valueInteger": 5}, condition(">", answerInteger=5), False),
        ({"valueInteger": 5}, condition(">=", answerDecimal=Decimal("5.0")), True),
        ({"valueDecimal": Decimal("4.9")}, condition("<", answerInteger=5), True),
        ({"valueDecimal": Decimal("5.1")}, condition("<=", answerInteger=5), False),
        ({"valueDate": "2026-05-01"}, condition(">", answerDate="2026-04"), True),
        ({"valueDate": "2026-04-30"}, condition("=", answerDate="2026-04"), True),
        ({"valueDateTime": "2026-01-01T08:00:00+08:00"}, condition("=", answerDateTime="2026-01-01T00:00:00Z"), True),
        ({"valueTime": "08:00:00"}, condition("<", answerTime="09:00:00"), True),
        ({"valueString": "x"}, condition("=", answerString="x"), True),
        ({"valueCoding": {**MALE, "display": "男"}}, condition("=", answerCoding=MALE), True),
        ({"valueCoding": {"code": "male"}}, condition("=", answerCoding=MALE), False),
        ({"valueQuantity": km(2)}, condition(">", answerQuantity=km(1500, "m")), True),
        ({"valueQuantity": {"value": 2, "unit": "km"}}, condition(">", answerQuantity=km(1)), False),
        (
            {"valueReference": {"reference": "Patient/1"}},
            condition("=", answerReference={"reference": "Patient/1"}),
            True,
        ),
    ],
)
def test_an_item_is_enabled_by_every_operator(first: dict[str, Any], when: dict[str, Any], enabled: bool):  # noqa: FBT001
    kind = next(iter(first or {"valueBoolean": 0})).removeprefix("value")
    kind = {"Coding": "choice"}.get(kind, kind[0].lower() + kind[1:])
    questions = [asked(kind, "first"), asked("string", "second", enableWhen=[when])]
    answers = [said(first, link_id="first")] if first else []
    expected = [] if enabled else [f"FD-ANSWER-DISABLED item[{len(answers)}]"]
    assert found(questions, [*answers, said(TEXT, link_id="second")]) == expected


@pytest.mark.parametrize(("behaviour", "expected"), [("all", ["FD-ANSWER-DISABLED item[1]"]), ("any", [])])
def test_several_conditions_hold_together_or_each_alone(behaviour: str, expected: list[str]):
    conditions = [condition("=", answerString="x"), condition("=", answerString="y")]
    questions = [asked("string", "first"), asked("string", "q", enableWhen=conditions, enableBehavior=behaviour)]
    assert found(questions, [said(TEXT, link_id="first"), said(TEXT)]) == expected


def test_what_is_not_enabled_is_not_required_and_may_stand_there_empty():
    question = asked("string", required=True, enableWhen=[condition("exists", answerBoolean=True)])
    questions = [asked("string", "first"), question]
    assert found(questions, []) == []
    assert found(questions, [said()]) == []
    assert found(questions, [said(TEXT, link_id="first")]) == ["FD-ANSWER-REQUIRED item"]


def test_in_a_repeating_group_the_answer_of_the_same_repetition_decides():
    inner = asked("boolean", "first"), asked("string", "q", enableWhen=[condition("=", answerBoolean=True)])
    yes, no = (
        {"linkId": "g", "item": [said({"valueBoolean": one}, link_id="first"), said(TEXT)]} for one in (True, False)
    )
    assert found([asked("group", "g", *inner, repeats=True)], [yes, no]) == ["FD-ANSWER-DISABLED item[1].item[1]"]


# Answers

VALUES: dict[str, Any] = {
    "boolean": {"valueBoolean": True},
    "decimal": {"valueDecimal": Decimal("1.5")},
    "integer": {"valueInteger": 1},
    "date": {"valueDate": "2026-01-01"},
    "dateTime": {"valueDateTime": "2026-01-01T00:00:00Z"},
    "time": {"valueTime": "08:00:00"},
    "string": TEXT,
    "text": {"valueString": "x\ny"},
    "url": {"valueUri": "urn:x"},
    "choice": {"valueCoding": MALE},
    "open-choice": TEXT,
    "attachment": {"valueAttachment": {"contentType": "image/png"}},
    "reference": {"valueReference": {"reference": "Patient/1"}},
    "quantity": {"valueQuantity": km(1)},
}


@pytest.mark.parametrize("kind", VALUES)
def test_an_answer_is_of_the_type_of_its_question(kind: str):
    assert verdict(asked(kind), VALUES[kind]) == []
    other = VALUES["boolean"] if kind != "boolean" else TEXT
    assert verdict(asked(kind), other) == ["FD-ANSWER-TYPE"]


OPTIONS = [{"valueCoding": MALE}, {"valueString": "other"}, {"valueInteger": 3}, {"valueDate": "2026-01-01"}]


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        (asked("choice", answerOption=OPTIONS), {"valueCoding": {**MALE, "display": "男"}}, []),
        (asked("choice", answerOption=OPTIONS), {"valueInteger": 3}, []),
        (asked("choice", answerOption=OPTIONS), {"valueInteger": 4}, ["FD-ANSWER-OPTION"]),
        (asked("choice", answerOption=OPTIONS), {"valueString": "none"}, ["FD-ANSWER-OPTION"]),
        (asked("open-choice", answerOption=OPTIONS), {"valueString": "whatever"}, []),
        (asked("open-choice", answerOption=OPTIONS), {"valueCoding": {"code": "x"}}, ["FD-ANSWER-OPTION"]),
        (asked("string", answerOption=OPTIONS), {"valueString": "none"}, ["FD-ANSWER-OPTION"]),
        (asked("choice", answerValueSet=GENDER), {"valueCoding": MALE}, []),
        (asked("choice", answerValueSet=GENDER), {"valueCoding": {**MALE, "code": "m"}}, ["FD-ANSWER-VALUE-SET"]),
        (asked("string", answerValueSet=GENDER), {"valueString": "female"}, []),
        (asked("string", answerValueSet=GENDER), {"valueString": "F"}, ["FD-ANSWER-VALUE-SET"]),
        (asked("choice", answerValueSet="urn:none"), {"valueCoding": MALE}, ["FD-ANSWER-UNDECIDED"]),
    ],
)
def test_an_answer_is_among_the_choices(question: dict[str, Any], value: dict[str, Any], expected: list[str]):
    assert verdict(question, value) == expected


def test_a_value_set_may_be_contained_in_the_questionnaire():
    compose = {"include": [{"system": MALE["system"], "concept": [{"code": "male"}]}]}
    contained = {"resourceType": "ValueSet", "id": "v", "status": "active", "compose": compose}
    questionnaire = {"contained": [contained], "item": [asked("choice", answerValueSet="#v")]}
    for code, expected in [("male", []), ("female", ["FD-ANSWER-VALUE-SET"])]:
        every = issues({"item": [said({"valueCoding": {**MALE, "code": code}})]}, questionnaire, shipped())
        assert [one.key for one in every] == expected


def test_an_exclusive_option_stands_alone():
    alone = [{"url": f"{HL7}/questionnaire-optionExclusive", "valueBoolean": True}]
    options = [{"valueCoding": MALE}, {"valueString": "none", "extension": alone}]
    question = asked("choice", answerOption=options, repeats=True)
    assert verdict(question, {"valueString": "none"}) == []
    assert verdict(question, {"valueString": "none"}, {"valueCoding": MALE}) == ["FD-ANSWER-EXCLUSIVE"]


EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        (asked("string", maxLength=3), {"valueString": "四个汉字"}, ["FD-ANSWER-LONG"]),
        (asked("string", maxLength=4), {"valueString": "四个汉字"}, []),
        (extended("text", (f"{HL7}/minLength", "Integer", 2)), TEXT, ["FD-ANSWER-SHORT"]),
        (asked("string"), {"valueString": "x\ny"}, ["FD-ANSWER-LINES"]),
        (extended("string", (f"{HL7}/regex", "String", EMAIL)), {"valueString": "a@example.org"}, []),
        (extended("string", (f"{HL7}/regex", "String", EMAIL)), {"valueString": "a@@b.c"}, ["FD-ANSWER-FORMAT"]),
        (extended("string", (f"{HL7}/regex", "String", r"(a+)+")), TEXT, ["FD-ANSWER-FORMAT-UNDECIDED"]),
        (extended("string", (f"{HL7}/regex", "String", r"(a|a)*")), TEXT, ["FD-ANSWER-FORMAT-UNDECIDED"]),
        (extended("string", (f"{HL7}/regex", "String", r"(?=x)x")), TEXT, ["FD-ANSWER-FORMAT-UNDECIDED"]),
        (extended("string", (f"{HL7}/regex", "String", "(")), TEXT, ["FD-ANSWER-FORMAT-UNDECIDED"]),
        (extended("integer", (f"{HL7}/minValue", "Integer", 2)), {"valueInteger": 1}, ["FD-ANSWER-LOW"]),
        (extended("integer", (f"{HL7}/maxValue", "Integer", 0)), {"valueInteger": 1}, ["FD-ANSWER-HIGH"]),
        (extended("integer", (f"{HL7}/maxValue", "Integer", 1)), {"valueInteger": 1}, []),
        (extended("date", (f"{HL7}/maxValue", "Date", "2026-06")), {"valueDate": "2026-06-30"}, []),
        (extended("date", (f"{HL7}/maxValue", "Date", "2026-06")), {"valueDate": "2026-07-01"}, ["FD-ANSWER-HIGH"]),
        (extended("time", (f"{HL7}/minValue", "Time", "09:00:00")), {"valueTime": "08:00:00"}, ["FD-ANSWER-LOW"]),
        (
            extended("decimal", (f"{HL7}/maxDecimalPlaces", "Integer", 1)),
            {"valueDecimal": Decimal("1.50")},
            ["FD-ANSWER-DECIMALS"],
        ),
        (extended("quantity", (f"{HL7}/maxDecimalPlaces", "Integer", 0)), {"valueQuantity": km(1)}, []),
        (
            extended("quantity", (f"{SDC}/sdc-questionnaire-minQuantity", "Quantity", km(2))),
            {"valueQuantity": km(1999, "m")},
            ["FD-ANSWER-LOW"],
        ),
        (
            extended("quantity", (f"{SDC}/sdc-questionnaire-maxQuantity", "Quantity", km(2))),
            {"valueQuantity": km(1, "kg")},
            ["FD-ANSWER-INCOMPARABLE"],
        ),
        (
            extended("quantity", (f"{HL7}/questionnaire-unitOption", "Coding", {"system": UCUM, "code": "m"})),
            {"valueQuantity": km(1, "m")},
            [],
        ),
        (
            extended("quantity", (f"{HL7}/questionnaire-unitOption", "Coding", {"system": UCUM, "code": "m"})),
            {"valueQuantity": km(1)},
            ["FD-ANSWER-UNIT"],
        ),
        (
            extended("quantity", (f"{HL7}/questionnaire-unitValueSet", "Canonical", GENDER)),
            {"valueQuantity": km(1)},
            ["FD-ANSWER-UNIT"],
        ),
        (extended("attachment", (f"{HL7}/mimeType", "Code", "image/gif")), VALUES["attachment"], ["FD-ANSWER-MIME"]),
        (
            extended("attachment", (f"{HL7}/maxSize", "Decimal", 2)),
            {"valueAttachment": {"size": 3}},
            ["FD-ANSWER-SIZE"],
        ),
        (
            extended("attachment", (f"{HL7}/maxSize", "Decimal", 2)),
            {"valueAttachment": {"data": "YWJj"}},
            ["FD-ANSWER-SIZE"],
        ),
        (
            extended("reference", (f"{HL7}/questionnaire-referenceResource", "Code", "Group")),
            VALUES["reference"],
            ["FD-ANSWER-TARGET"],
        ),
        (extended("reference", (f"{HL7}/questionnaire-referenceResource", "Code", "Patient")), VALUES["reference"], []),
    ],
)
def test_an_answer_is_within_the_limits(question: dict[str, Any], value: dict[str, Any], expected: list[str]):
    assert verdict(question, value) == expected


@pytest.mark.parametrize(("authored", "count"), [("2026-01-31", 0), ("2026-02-01", 1), ("2025-12-31T12:00:00Z", 1)])
def test_a_response_is_written_while_the_questionnaire_is_in_effect(authored: str, count: int):
    questionnaire = {"effectivePeriod": {"start": "2026-01-01", "end": "2026-01"}}
    every = issues({"authored": authored}, questionnaire, shipped())
    assert [one.key for one in every] == ["FD-ANSWER-PERIOD"] * count


def test_no_answer_is_in_the_words():
    response = {
        "status": "completed",
        "item": [said({"valueString": "secret"}), said({"valueInteger": 1}, link_id="secret")],
    }
    every = issues(response, {"item": [asked("string", maxLength=1, answerValueSet=GENDER)]}, shipped())
    assert len(every) == 3
    assert all("secret" not in one.zh + one.en for one in every)
    assert all(wording.zh and wording.en for wording in WORDINGS.values())


# Whatever comes

NAMES = ["item", "answer", "linkId", "type", "enableWhen", "question", "operator", "answerOption", "answerValueSet"]
MORE = ["extension", "url", "valueString", "valueInteger", "valueQuantity", "answerCoding", "valueCoding", "contained"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["q", "string", "choice", "=", f"{HL7}/minValue", "#q"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES + MORE), inner, max_size=4),
    max_leaves=14,
)
OBJECT = st.dictionaries(st.sampled_from(NAMES + MORE), JSON, max_size=4)


@given(st.lists(OBJECT | JSON, max_size=3), st.lists(OBJECT | JSON, max_size=3))
def test_a_form_of_any_shape_raises_nothing(questions: list[Any], items: list[Any]):
    every = issues({"item": items, "authored": items}, {"item": questions, "effectivePeriod": {"end": 1}}, shipped())
    assert all(isinstance(one, Issue) for one in every)


def test_deep_nesting_raises_nothing():
    question, answered = asked("group"), said()
    for _ in range(3000):
        question, answered = asked("group", "q", question), {"linkId": "q", "item": [answered]}
    assert found([question], [answered]) == []
