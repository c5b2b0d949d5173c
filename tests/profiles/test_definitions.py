"""What the programs read of FHIR 4.0.1, against the specification and against the classes of fhir.resources."""

from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from profiles import definitions
from profiles.definitions import compartment, elements, resource_types, search_parameters, value_set
from profiles.json import dumps, loads
from profiles.r4.compile import structures
from profiles.r4.expand import expansions

SAME_IN_R4B = ("Patient", "Encounter", "Observation", "Task", "Communication", "CarePlan", "EpisodeOfCare", "HumanName")
"""Types that R4B left as R4 had them."""


def element(type_name: str, name: str) -> definitions.Element:
    return next(one for one in elements(type_name) if one.name == name)


def test_the_146_resource_types_of_4_0_1_and_no_others():
    assert len(resource_types()) == 146
    assert {"Patient", "Bundle", "CatalogEntry", "EffectEvidenceSynthesis"} <= resource_types()
    assert not {"Resource", "DomainResource", "SubscriptionStatus", "Citation"} & resource_types()


@pytest.mark.parametrize("name", SAME_IN_R4B)
def test_a_second_opinion_on_the_elements_of_a_type(name: str):
    ours = {member for one in elements(name) for member in one.json_names}
    assert ours == set(get_fhir_model_class(name).elements_sequence()) | {"id", "extension"}


def test_inherited_elements_come_first():
    names = [one.name for one in elements("Patient")]
    assert names[:8] == [
        "id",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
        "extension",
        "modifierExtension",
    ]
    assert [one.name for one in elements("Age")] == [one.name for one in elements("Quantity")]
    assert [one.name for one in elements("Patient.contact")][:3] == ["id", "extension", "modifierExtension"]


def test_an_element_knows_its_types_cardinality_targets_and_codes():
    subject = element("Encounter", "subject")
    assert (subject.types, subject.targets, subject.many, subject.required) == (
        ("Reference",),
        ("Patient", "Group"),
        False,
        False,
    )
    status = element("Encounter", "status")
    assert (status.required, status.modifier, status.summary) == (True, True, True)
    assert status.codes == "http://hl7.org/fhir/ValueSet/encounter-status"
    assert element("Patient", "name").many
    assert not element("Quantity", "comparator").many
    assert element("Provenance", "target").targets == ()
    assert element("Patient", "id").types == ("id",)
    assert element("Extension", "url").attribute
    assert not element("Patient", "maritalStatus").codes


def test_a_choice_has_a_json_name_for_every_type():
    assert element("Patient", "deceased[x]").json_names == {
        "deceasedBoolean": "boolean",
        "deceasedDateTime": "dateTime",
    }
    assert element("Patient", "gender").json_names == {"gender": "code"}
    assert len(element("Extension", "value[x]").types) == 50


def test_a_structure_can_hold_itself():
    assert element("Questionnaire.item", "item").types == ("Questionnaire.item",)
    assert element("Bundle.entry", "link").types == ("Bundle.link",)


def test_what_others_added_to_the_definitions_is_not_there():
    meta = ["id", "extension", "versionId", "lastUpdated", "source", "profile", "security", "tag"]
    assert [one.name for one in elements("Meta")] == meta
    assert "url" not in {one.name for one in elements("Binary")}
    assert element("Bundle.entry.response", "outcome").types == ("Resource",)
    assert element("ResearchStudy", "status").codes == "http://hl7.org/fhir/ValueSet/research-study-status"
    assert "order-detail" not in search_parameters("ServiceRequest")


def test_every_type_leads_to_types_that_exist():
    pending, known = set(resource_types()), set[str]()
    while pending:
        known |= pending
        pending = {kind for name in pending for one in elements(name) for kind in one.types} - known
    assert {"Timing.repeat", "xhtml", "Dosage"} <= known


def test_an_unknown_type_is_a_key_error():
    for ask in (elements, search_parameters, compartment):
        with pytest.raises(KeyError):
            ask("Citizen")


def test_the_codes_of_required_bindings():
    gender = value_set("http://hl7.org/fhir/ValueSet/administrative-gender")
    assert gender == {"http://hl7.org/fhir/administrative-gender": frozenset({"male", "female", "other", "unknown"})}
    assert "question" not in value_set("http://hl7.org/fhir/ValueSet/item-type")["http://hl7.org/fhir/item-type"]
    assert value_set("http://hl7.org/fhir/ValueSet/mimetypes") == {}


def test_the_search_parameters_of_a_type_include_those_of_every_resource():
    patient = search_parameters("Patient")
    assert {"_id", "_lastUpdated", "_tag", "_profile", "_security", "_source", "_text", "identifier"} <= patient.keys()
    assert patient["_id"].expression == "Resource.id"
    assert patient["_content"].expression == ""
    assert "_text" not in search_parameters("Bundle")


def test_an_expression_is_for_the_type_asked_for():
    assert search_parameters("Patient")["birthdate"].expression == "Patient.birthDate"
    assert search_parameters("Observation")["date"].expression == "Observation.effective"
    both = "(Observation.value as string) | (Observation.value as CodeableConcept).text"
    assert search_parameters("Observation")["value-string"].expression == both


def test_a_composite_names_its_components():
    composite = search_parameters("Observation")["code-value-quantity"]
    assert (composite.type, composite.expression) == ("composite", "Observation")
    assert [component.expression for component in composite.components] == ["code", "value.as(Quantity)"]


def test_search_parameters_hang_together():
    every = [parameter for kind in resource_types() for parameter in search_parameters(kind).values()]
    urls = {parameter.url for parameter in every}
    assert {component.definition for parameter in every for component in parameter.components} <= urls
    assert {target for parameter in every for target in parameter.targets} <= resource_types()
    assert {parameter.url for parameter in every if not parameter.expression and parameter.type != "special"} == {
        "http://hl7.org/fhir/SearchParameter/DomainResource-text",
        "http://hl7.org/fhir/SearchParameter/Resource-content",
        "http://hl7.org/fhir/SearchParameter/Resource-query",
    }


@pytest.mark.parametrize("name", ["Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"])
def test_a_compartment_is_made_of_search_parameters(name: str):
    for kind, codes in compartment(name).items():
        assert codes
        assert set(codes) <= search_parameters(kind).keys()


def test_what_belongs_to_a_patient():
    assert compartment("Patient")["Encounter"] == ("patient",)
    assert compartment("Patient")["Communication"] == ("subject", "sender", "recipient")
    assert "Organization" not in compartment("Patient")


# The compiler, on a package of two types


def write(folder: Path, name: str, *resources: dict) -> None:
    (folder / f"{name}.json").write_bytes(dumps({"entry": [{"resource": resource} for resource in resources]}))


def definition(name: str, kind: str, elements_of: list[dict]) -> dict:
    return {
        "resourceType": "StructureDefinition",
        "name": name,
        "kind": kind,
        "abstract": False,
        "fhirVersion": "4.0.1",
        "derivation": "specialization",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/DomainResource",
        "snapshot": {"element": elements_of},
        "differential": {"element": elements_of},
    }


def leaf(path: str, **more: object) -> dict:
    return {"path": path, "min": 0, "max": "1", "type": [{"code": "string"}], **more}


def test_the_compiler_keeps_only_what_hl7_lists(tmp_path: Path):
    listed, added = leaf("Cup.colour", isSummary=True), leaf("Cup.price")
    altered = leaf("Cup.size", max="*")
    part = leaf("Cup.handle", type=[{"code": "BackboneElement"}])
    again = {"path": "Cup.handle.handle", "min": 0, "max": "*", "contentReference": "#Cup.handle"}
    write(tmp_path, "profiles-types")
    cup = definition("Cup", "resource", [{"path": "Cup"}, listed, added, altered, part, again])
    write(tmp_path, "profiles-resources", cup, definition("Mug", "logical", []))
    official = [definition("de", "logical", [one]) for one in (listed, leaf("Cup.size", min=1))]
    write(tmp_path, "dataelements", *official)
    compiled = loads(dumps(structures(tmp_path)))
    assert compiled == {
        "Cup": {
            "kind": "resource",
            "base": "DomainResource",
            "elements": {
                "colour": {"types": ["string"], "summary": True},
                "size": {"types": ["string"], "min": 1},
                "handle": {"types": ["Cup.handle"]},
            },
        },
        "Cup.handle": {
            "kind": "complex-type",
            "base": "BackboneElement",
            "elements": {"handle": {"types": ["Cup.handle"], "max": "*"}},
        },
    }


def test_a_value_set_is_expanded_only_when_all_of_it_can_be():
    tree = [{"code": "a", "concept": [{"code": "b"}], "property": [{"code": "notSelectable", "valueBoolean": True}]}]
    systems = [{"url": "urn:s", "content": "complete", "concept": tree}, {"url": "urn:t", "content": "not-present"}]
    sets = [
        {
            "url": "urn:whole",
            "compose": {"include": [{"system": "urn:s"}, {"system": "urn:t", "concept": [{"code": "c"}]}]},
        },
        {"url": "urn:absent", "compose": {"include": [{"system": "urn:t"}]}},
        {"url": "urn:filtered", "compose": {"include": [{"system": "urn:s", "filter": []}]}},
        {"url": "urn:less", "compose": {"include": [{"system": "urn:s"}], "exclude": [{"system": "urn:s"}]}},
    ]
    wanted = ["urn:whole", "urn:absent", "urn:filtered", "urn:less", "urn:nowhere"]
    assert expansions(wanted, sets, systems) == {"urn:whole": {"urn:s": ["b"], "urn:t": ["c"]}}
