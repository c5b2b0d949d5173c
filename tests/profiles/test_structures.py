"""Where StructureDefinitions come from, and what is said when no snapshot can be made."""

import re
import subprocess
import sys
import time

import pytest

from profiles import package
from profiles.structures import SnapshotError, Structures, shipped
from tests.profiles.differentials import HL7, MINE, element, profile, snapshot


def patient(*elements, **facts):
    return profile("patient", "Patient", *elements) | facts


def fault(*definitions) -> SnapshotError:
    with pytest.raises(SnapshotError) as caught:
        snapshot(*definitions)
    assert re.search(r"[\u4e00-\u9fff]", caught.value.zh)
    assert not re.search(r"[\u4e00-\u9fff]", caught.value.en)
    assert caught.value.element in caught.value.zh
    assert caught.value.element in caught.value.en
    return caught.value


# Where they come from


@pytest.mark.parametrize("canonical", ["Patient", f"{HL7}Patient", f"{HL7}Patient|4.0.1", f"{HL7}Patient|4.0"])
def test_a_definition_is_found_by_type_url_and_version(canonical):
    found = shipped().definition(canonical)
    assert (found["resourceType"], found["url"], found["type"]) == ("StructureDefinition", f"{HL7}Patient", "Patient")
    assert "snapshot" not in found


@pytest.mark.parametrize("canonical", ["Nothing", f"{HL7}Nothing", f"{HL7}Patient|5.0.0", f"{HL7}Patient|4.0.12", ""])
def test_what_is_not_here_is_none_and_has_no_snapshot(canonical):
    assert shipped().definition(canonical) is None
    with pytest.raises(SnapshotError):
        shipped().snapshot(canonical)


def test_definitions_of_the_caller_go_before_those_in_the_package():
    mine = patient(
        element("Patient.name", min=1), url=f"{HL7}Patient", version="9", baseDefinition=f"{HL7}DomainResource"
    )
    mine["derivation"] = "specialization"
    structures = shipped().including([mine])
    assert structures.definition("Patient") is mine
    assert structures.definition(f"{HL7}Patient|4.0.1") is None
    assert [one["path"] for one in structures.snapshot("Patient")][-1] == "Patient.name"
    assert shipped().definition("Patient") is not mine


def test_the_version_asked_for_is_found_among_several():
    versions = [patient(version="1.0.0"), patient(version="1.1.0")]
    structures = Structures(versions)
    assert structures.definition(f"{MINE}patient|1.1.0") is versions[1]
    assert structures.definition(f"{MINE}patient") is versions[0]
    assert Structures().including(versions).including([]).own == tuple(versions)


def test_other_resources_are_passed_over():
    assert Structures([{"resourceType": "ValueSet", "url": "urn:vs"}]).definition("urn:vs") is None


def test_a_snapshot_is_made_once():
    assert shipped().snapshot("Patient") is shipped().snapshot(f"{HL7}Patient|4.0.1")
    assert Structures([patient()]).snapshot("Patient") is shipped().snapshot("Patient")


def test_a_definition_that_has_only_a_snapshot_is_used_as_it_is():
    elements = Structures([patient(element("Patient.name", min=1))]).snapshot(f"{MINE}patient")
    given = patient(snapshot={"element": elements})
    del given["differential"]
    assert Structures([given]).snapshot(given["url"]) == elements
    derived = profile("second", given["url"], element("Patient.name.family", min=1), kind="Patient")
    found = snapshot(derived, given)
    assert (found["Patient.name"]["min"], found["Patient.name.family"]["min"]) == (1, 1)


def test_slices_of_a_given_snapshot_are_known():
    bodyheight = [dict(one) for one in shipped().snapshot(f"{HL7}bodyheight")]
    given = profile("given", "Observation") | {"snapshot": {"element": bodyheight}}
    derived = profile(
        "second",
        given["url"],
        element("Observation.code.coding.display", id="Observation.code.coding:BodyHeightCode.display", min=1),
        kind="Observation",
    )
    found = Structures([given, derived]).snapshot(derived["url"])
    assert [one["id"] for one in found] == [one["id"] for one in bodyheight]
    assert next(one for one in found if one["id"].endswith("BodyHeightCode.display"))["min"] == 1


def test_every_definition_of_ours_has_a_snapshot():
    for resource in package.resources("structure-definitions"):
        elements = shipped().snapshot(resource["url"])
        assert elements[0]["path"] == resource["type"]
        assert {one["id"] for one in resource["differential"]["element"]} <= {one["id"] for one in elements}


# What cannot be done


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("Patient.nickname", "Patient.nickname"),
        ("Patient.name.nickname.more", "Patient.name.nickname"),
        ("Patient.birthDate.day", "Patient.birthDate.day"),
        ("Patient.deceasedPeriod", "Patient.deceasedPeriod"),
        ("Patient.id.extension", "Patient.id.extension"),
    ],
)
def test_an_element_that_the_base_lacks_is_named(path, named):
    assert fault(patient(element(path))).element == named


def test_a_path_of_another_type_is_named():
    assert fault(patient(element("Person.name"))).element == "Person.name"


def test_a_slice_that_nobody_defines_is_named():
    slicing = {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}
    inner = element("Patient.name.family", id="Patient.name:official.family")
    found = fault(patient(element("Patient.name", slicing=slicing), inner))
    assert found.element == "Patient.name:official"


def test_several_slices_without_slicing_are_a_fault():
    found = fault(patient(element("Patient.name", "a"), element("Patient.name", "b")))
    assert found.element == "Patient.name:a"


def test_a_definition_that_derives_from_itself_is_a_fault():
    first = patient(element("Patient"), baseDefinition=f"{MINE}second")
    second = profile("second", first["url"], element("Patient"), kind="Patient")
    assert fault(first, second).element.startswith(first["url"])
    assert fault(patient(element("Patient"), baseDefinition=f"{MINE}patient"))


def test_a_base_that_is_not_here_is_named():
    found = fault(patient(element("Patient"), baseDefinition="urn:nowhere"))
    assert "urn:nowhere" in found.en
    assert fault(patient(element("Patient"), baseDefinition=f"{HL7}Patient|5.0.0"))


def test_a_definition_without_elements_is_a_fault():
    assert fault(patient())


@pytest.mark.parametrize(
    "content",
    [
        {"differential": {"element": [{"id": "Patient"}]}},
        {"differential": {"element": [7]}},
        {"differential": {"element": [{"path": "Patient.name", "constraint": 3}]}},
        {"differential": {"element": [{"path": "Patient.name", "type": [{}]}, {"path": "Patient.name.given"}]}},
        {"differential": {"element": [{"path": "Patient" + ".extension" * 5000}]}},
        {"differential": {"element": [{"path": "Patient.name", "sliceName": "a" + "/a" * 5000}]}},
        {"differential": "x"},
        {"differential": {"element": [{"path": "Patient"}]}, "baseDefinition": 7},
        {"derivation": "specialization", "differential": {"element": [{"path": 7}]}},
    ],
)
def test_a_malformed_definition_is_a_fault_and_nothing_worse(content):
    assert fault(patient() | content)


# Speed


def test_nothing_is_read_at_import():
    code = (
        "import profiles.structures as s, profiles.structures.published as p;"
        "assert p._entries.cache_info().currsize == 0 and s.shipped.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_the_lines_asked_for_are_decoded():
    code = (
        "import profiles.structures as s, profiles.structures.published as p;"
        f"s.shipped().snapshot('{HL7}bodyheight');"
        "assert p._decoded.cache_info().currsize < 60"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_snapshot_of_an_ordinary_profile_takes_less_than_30_milliseconds():
    structures = shipped()
    structures.snapshot(f"{HL7}vitalsigns")
    mine = profile(
        "mine",
        f"{HL7}bp",
        element(
            "Observation.component.interpretation.coding", id="Observation.component:SystolicBP.interpretation.coding"
        ),
        kind="Observation",
    )
    began = time.process_time()
    structures.including([mine]).snapshot(mine["url"])
    assert time.process_time() - began < 0.03
