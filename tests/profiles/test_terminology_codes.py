"""What a code is, what stands above and below it, and what it is elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import canonical
from profiles.json import Resource
from profiles.terminology import Claim, NotKnown, Question, Terminology, is_translated, shipped
from tests.profiles.animals import ANIMALS, GENDER, GENDERS, MINE, MY_TERMINOLOGY, NOW, SNOMED, animals, value_set

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


# Codes


def test_lookup():
    found = MY_TERMINOLOGY.lookup(MINE, "dog")
    assert (found.version, found.display, found.abstract) == ("2", "Dog", False)
    assert found.properties == [
        ("definition", "string", "Barks."),
        ("legs", "Integer", 4),
        ("pet", "Boolean", True),
        ("parent", "code", "animal"),
        ("parent", "code", "pet"),
        ("child", "code", "poodle"),
    ]
    with pytest.raises(NotKnown):
        MY_TERMINOLOGY.lookup(MINE, "cat")
    with pytest.raises(NotKnown, match="snomed"):
        MY_TERMINOLOGY.lookup(SNOMED, "1")
    with pytest.raises(NotKnown):
        MY_TERMINOLOGY.lookup(MINE, "dog", "3")


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("dog", "DOG", "equivalent"),
        ("animal", "poodle", "subsumes"),
        ("pet", "poodle", "subsumes"),
        ("poodle", "pet", "subsumed-by"),
        ("emu", "pet", "not-subsumed"),
    ],
)
def test_subsumption(a: str, b: str, outcome: str):
    assert MY_TERMINOLOGY.subsumes(MINE, a, b) == outcome


def test_parts_of_a_whole_are_no_kinds_of_it():
    assert Terminology([ANIMALS | {"hierarchyMeaning": "part-of"}]).subsumes(MINE, "pet", "dog") == "not-subsumed"


def test_above_and_below():
    assert MY_TERMINOLOGY.descendants(MINE, "pet") == {"pet", "dog", "poodle"}
    assert MY_TERMINOLOGY.ancestors(MINE, "poodle") == {"poodle", "dog", "animal", "pet"}
    assert MY_TERMINOLOGY.descendants(MINE, "cat") is None
    assert MY_TERMINOLOGY.ancestors(SNOMED, "1") is None
    assert {"IMP", "ACUTE", "NONAC"} <= (shipped().descendants(ACT, "IMP") or set())


@given(st.sampled_from(sorted(shipped()._known(ACT, None).concepts)), st.data())  # noqa: SLF001
def test_above_is_the_reverse_of_below(code: str, data: st.DataObject):
    below = shipped().descendants(ACT, code) or frozenset()
    under = data.draw(st.sampled_from(sorted(below)))
    assert code in (shipped().ancestors(ACT, under) or ())
    assert shipped().subsumes(ACT, code, under) in {"subsumes", "equivalent"}


def test_a_hierarchy_in_circles_ends():
    circle = [
        {"code": "a", "property": [{"code": "parent", "valueCode": "b"}]},
        {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]},
    ]
    known = Terminology([ANIMALS | {"concept": circle}])
    assert known.descendants(MINE, "a") == {"a", "b"}
    assert len(known.expand(value_set(animals()), NOW)["expansion"]["contains"]) == 1


# Maps


def coded(matches: list[object]) -> list[tuple[str, str | None]]:
    return [(match.equivalence, match.concept and match.concept["code"]) for match in matches]


def test_translation_by_a_map_and_by_value_sets():
    url = "http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2"
    found = shipped().translate(Question(GENDER, "male"), url)
    assert coded(found) == [("equal", "M")]
    v2 = "http://terminology.hl7.org/ValueSet/v2-0001"
    assert shipped().translate(Question(GENDER, "male", source=GENDERS, target=v2)) == found
    backwards = Question("http://terminology.hl7.org/CodeSystem/v2-0001", "M", reverse=True)
    assert coded(shipped().translate(backwards, url)) == [("equal", "male")]
    assert len(shipped().translate(Question(GENDER, "male"))) >= 2
    assert shipped().translate(Question(GENDER, "robot"), url) == []
    with pytest.raises(NotKnown):
        shipped().translate(Question(GENDER, "male"), "https://example.org/not-here")


def concept_map(unmapped: Resource, url: str = "https://example.org/map") -> Resource:
    targets = [
        {"code": "1", "equivalence": "wider", "dependsOn": [{"property": "p", "system": "urn:s", "value": "x"}]},
        {"code": "2", "equivalence": "unmatched"},
    ]
    group = {
        "source": MINE,
        "target": "urn:t",
        "element": [{"code": "dog", "target": targets}],
        "unmapped": unmapped,
    }
    return {"resourceType": "ConceptMap", "url": url, "status": "active", "group": [group]}


def test_what_is_not_mapped():
    provided = concept_map({"mode": "provided"})
    assert coded(MY_TERMINOLOGY.translate(Question(MINE, "emu"), provided)) == [("equal", "emu")]
    fixed = concept_map({"mode": "fixed", "code": "0"})
    assert coded(MY_TERMINOLOGY.translate(Question(MINE, "emu"), fixed)) == [("relatedto", "0")]
    other = concept_map({"mode": "other-map", "url": "https://example.org/other"})
    known = Terminology([concept_map({"mode": "fixed", "code": "0"}, "https://example.org/other")])
    assert coded(known.translate(Question(MINE, "emu"), other)) == [("relatedto", "0")]
    circle = concept_map({"mode": "other-map", "url": "https://example.org/map"})
    assert Terminology([circle]).translate(Question(MINE, "emu"), circle) == []


def test_what_a_mapping_depends_on():
    mapped = concept_map({"mode": "provided"})
    asked = Question(MINE, "dog", dependencies=(("p", frozenset({("urn:s", "y")})),))
    found = MY_TERMINOLOGY.translate(asked, mapped)
    assert coded(found) == [("unmatched", "2")]
    assert not is_translated(found)
    found = MY_TERMINOLOGY.translate(Question(MINE, "1", reverse=True), concept_map({}))
    assert found == []
    found = MY_TERMINOLOGY.translate(Question("urn:t", "1", reverse=True), mapped)
    assert coded(found) == [("narrower", "dog")]


# What a caller adds


def test_what_is_given_goes_before_what_is_shipped_and_the_newest_first():
    other = ANIMALS | {"version": "10", "concept": [{"code": "yak"}]}
    known = Terminology([ANIMALS, other | {"url": canonical.code_system("timer")}, other | {"version": "9"}, other])
    assert known.lookup(MINE, "yak").version == "10"
    assert known.validate_code(Claim("dog", MINE), version="2").valid
    assert known.validate_code(Claim("yak", canonical.code_system("timer"))).valid
    assert known.validate_code(Claim("admission-push", canonical.code_system("timer"))).valid is False


def test_what_is_missing_is_told_through_everything_that_is_here():
    wanted = value_set({"valueSet": ["http://hl7.org/fhir/ValueSet/condition-code", "urn:vs"]}, {"system": "urn:cs"})
    assert shipped().missing(resource=wanted) == {
        ("CodeSystem", SNOMED),
        ("CodeSystem", "urn:cs"),
        ("ValueSet", "urn:vs"),
    }
    assert shipped().missing([("ValueSet", GENDERS)]) == set()
    assert Terminology([wanted]).missing([("ValueSet", "https://example.org/vs")]) == shipped().missing(resource=wanted)
