"""How what a differential says is put upon its base: elements, types, references, order."""

import pytest

from profiles.structures import Structures
from tests.profiles.differentials import HL7, MINE, element, keys, profile, snapshot, types

RULE = {"key": "my-1", "severity": "error", "human": "h", "expression": "true"}


def patient(*elements):
    return profile("patient", "Patient", *elements)


# Elements


def test_what_is_not_mentioned_is_as_in_the_base():
    base = Structures().snapshot("Patient")
    found = snapshot(patient(element("Patient")))
    assert [one for one in found.values() if one["id"] != "Patient"] == base[1:]


def test_what_is_said_replaces_what_the_base_says():
    binding = {"strength": "required", "valueSet": "urn:vs"}
    said = {"min": 1, "max": "1", "short": "名字", "mustSupport": True, "maxLength": 5, "binding": binding}
    found = snapshot(patient(element("Patient.name", **said)))["Patient.name"]
    assert {name: found[name] for name in said} == said
    assert (found["id"], found["path"], types(found)) == ("Patient.name", "Patient.name", ["HumanName"])
    assert found["isSummary"]


def test_a_binding_that_is_only_made_stronger_keeps_its_value_set():
    found = snapshot(patient(element("Patient.maritalStatus", binding={"strength": "required"})))
    assert found["Patient.maritalStatus"]["binding"] == {
        "strength": "required",
        "valueSet": "http://hl7.org/fhir/ValueSet/marital-status",
    }


def test_constraints_add_up_and_each_has_its_source():
    found = snapshot(patient(element("Patient", constraint=[RULE]), element("Patient.contact", constraint=[RULE])))
    assert set(keys(found["Patient"])) == {"dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "my-1"}
    sources = {one["key"]: one["source"] for one in found["Patient.contact"]["constraint"]}
    assert sources == {"ele-1": f"{HL7}Element", "pat-1": f"{HL7}Patient", "my-1": f"{MINE}patient"}


def test_a_constraint_of_the_same_key_replaces_that_of_the_base():
    found = snapshot(patient(element("Patient.contact", constraint=[RULE | {"key": "pat-1", "expression": "false"}])))
    said = [one["expression"] for one in found["Patient.contact"]["constraint"] if one["key"] == "pat-1"]
    assert said == ["false"]


def test_a_new_text_drops_the_translations_of_the_old_one():
    translated = element("Patient.name", short="甲", _short={"extension": []})
    first = patient(translated)
    second = profile("second", first["url"], element("Patient.name", short="乙"), kind="Patient")
    assert "_short" in snapshot(first)["Patient.name"]
    assert "_short" not in snapshot(second, first)["Patient.name"]


@pytest.mark.parametrize("said", [{"fixedCode": "male"}, {"patternCode": "male"}])
def test_a_fixed_value_and_a_pattern_take_each_others_place(said):
    first = patient(element("Patient.gender", patternCode="female"))
    found = snapshot(profile("second", first["url"], element("Patient.gender", **said), kind="Patient"), first)
    assert {name: fact for name, fact in found["Patient.gender"].items() if name.endswith("Code")} == said


def test_a_type_may_be_narrowed():
    kinds = [{"code": "Reference", "targetProfile": [f"{HL7}Organization"]}]
    found = snapshot(patient(element("Patient.generalPractitioner", type=kinds)))
    assert found["Patient.generalPractitioner"]["type"] == kinds


def test_an_element_is_in_the_place_that_its_base_gives_it():
    found = list(snapshot(patient(element("Patient.birthDate", min=1), element("Patient.name", min=1))))
    assert found.index("Patient.name") < found.index("Patient.birthDate")
    assert found == [one["id"] for one in Structures().snapshot("Patient")]


# Types


def test_a_path_walks_into_a_data_type():
    found = snapshot(patient(element("Patient.name.family", min=1)))
    inside = [identity for identity in found if identity.startswith("Patient.name.")]
    assert inside == [
        "Patient.name." + name
        for name in ("id", "extension", "use", "text", "family", "given", "prefix", "suffix", "period")
    ]
    assert found["Patient.name.family"]["min"] == 1
    assert found["Patient.name.use"]["base"]["path"] == "HumanName.use"


def test_a_differential_may_skip_levels():
    found = snapshot(patient(element("Patient.contact.name.period.end", min=1)))
    assert found["Patient.contact.name.period.end"]["min"] == 1
    assert found["Patient.contact.name.period.start"]["min"] == 0


def test_a_path_walks_into_the_profile_of_a_type():
    name = profile("name", "HumanName", element("HumanName.family", min=1, mustSupport=True))
    of_name = element("Patient.name", type=[{"code": "HumanName", "profile": [name["url"]]}])
    found = snapshot(patient(of_name, element("Patient.name.given", max="1")), name)
    assert found["Patient.name.family"]["min"] == 1
    assert found["Patient.name.given"]["max"] == "1"


def test_the_root_of_a_profile_holds_for_the_element_that_has_the_profile():
    found = snapshot(
        profile(
            "o",
            "Observation",
            element("Observation.valueQuantity", type=[{"code": "Quantity", "profile": [f"{HL7}SimpleQuantity"]}]),
        )
    )["Observation.value[x]:valueQuantity"]
    assert set(keys(found)) == {"ele-1", "qty-3", "sqty-1"}
    assert (found["min"], found["max"]) == (0, "1")


def test_a_profile_that_is_not_here_leaves_its_type():
    said = element("Patient.name", type=[{"code": "HumanName", "profile": ["urn:nowhere"]}])
    found = snapshot(patient(said, element("Patient.name.family", min=1)))
    assert found["Patient.name.family"]["min"] == 1


def test_profiles_derive_from_profiles():
    first = patient(element("Patient.name", min=1, constraint=[RULE]))
    second = profile("second", first["url"], element("Patient.name.family", min=1), kind="Patient")
    third = profile("third", f"{second['url']}|1.0.0", element("Patient.name", max="1"), kind="Patient")
    found = snapshot(third, first, second)
    assert (found["Patient.name"]["min"], found["Patient.name"]["max"]) == (1, "1")
    assert found["Patient.name.family"]["min"] == 1
    assert found["Patient.name"]["constraint"][-1]["source"] == first["url"]


def test_a_type_of_ones_own_adds_elements():
    """A logical model: what the differential has and the base lacks is new."""
    model = {
        "resourceType": "StructureDefinition",
        "url": MINE + "Model",
        "kind": "logical",
        "derivation": "specialization",
        "type": MINE + "Model",
        "baseDefinition": HL7 + "Element",
        "differential": {
            "element": [
                element("Model"),
                element("Model.part", min=1, max="*", type=[{"code": "BackboneElement"}]),
                element("Model.part.size", min=0, max="1", type=[{"code": "Quantity"}]),
                element("Model.more", min=0, max="1", contentReference="#Model.part"),
            ]
        },
    }
    found = snapshot(model)
    inside = ["id", "extension", "modifierExtension", "size"]
    wanted = ["", ".id", ".extension", ".part", *(f".part.{name}" for name in inside), ".more"]
    assert list(found) == ["Model" + rest for rest in wanted]
    assert keys(found["Model.part.size"]) == ["ele-1"]
    assert found["Model.part"]["base"] == {"path": "Model.part", "min": 1, "max": "*"}


# Content references


def test_a_content_reference_that_nobody_walks_into_stays_one():
    found = snapshot(profile("q", "Questionnaire", element("Questionnaire.item", min=1)))
    assert found["Questionnaire.item.item"]["contentReference"] == "#Questionnaire.item"


def test_a_path_walks_into_what_a_content_reference_refers_to():
    found = snapshot(
        profile(
            "q",
            "Questionnaire",
            element("Questionnaire.item", max="1"),
            element("Questionnaire.item.item.linkId", maxLength=9),
        )
    )
    inner = found["Questionnaire.item.item"]
    assert ("contentReference" in inner, types(inner), inner["max"]) == (False, ["BackboneElement"], "*")
    assert {"ele-1", "que-1"} <= set(keys(inner))
    assert found["Questionnaire.item.item.linkId"]["maxLength"] == 9
    assert "maxLength" not in found["Questionnaire.item.linkId"]
    assert found["Questionnaire.item.item.item"]["contentReference"] == "#Questionnaire.item"
