from typing import Any

import pytest

from profiles.json import Resource
from tests.profiles.validating import element, found, keys, observation, patient, profile

URL = "http://example.org/StructureDefinition/colour"


def extension(*elements: Any, contexts: list[Any] | None = None, modifier: bool = False, **more: Any) -> Resource:
    root = {"id": "Extension", "path": "Extension", **({"isModifier": True} if modifier else {})}
    one = profile(
        "Extension",
        element("Extension.url", fixedUri=URL),
        *(elements or (element("Extension.value[x]", min=1, type=[{"code": "code"}]),)),
        url=URL,
        context=contexts or [{"type": "element", "expression": "Patient"}],
        **more,
    )
    one["kind"] = "complex-type"
    one["differential"]["element"][0] = root
    return one


def issues_of(extensions: Any, *definitions: Resource, **more: Any) -> list[Any]:
    return found(patient(extension=extensions, **more), *definitions, asked=())


RED = {"url": URL, "valueCode": "red"}


def test_an_extension_is_what_its_definition_says():
    assert issues_of([RED], extension()) == []
    assert keys(issues_of([{"url": URL, "valueString": "red"}], extension())) == [
        ("FD-TYPE", "Patient.extension[0].value")
    ]


def test_an_extension_without_its_value():
    inner = {"url": URL, "extension": [{"url": "http://example.org/StructureDefinition/x", "valueCode": "x"}]}
    assert ("FD-REQUIRED", "Patient.extension[0].value") in keys(issues_of([inner], extension()))


def test_an_unknown_extension_is_a_remark_and_an_unknown_modifier_an_error():
    unknown = [{"url": "http://example.org/StructureDefinition/gone", "valueCode": "red"}]
    (remark,) = issues_of(unknown)
    assert (remark.key, remark.severity) == ("FD-EXTENSION-UNKNOWN", "information")
    assert remark.expression == "Patient.extension[0]"
    (error,) = found(patient(modifierExtension=unknown), asked=())
    assert (error.key, error.severity) == ("FD-EXTENSION-UNKNOWN", "error")


def test_a_modifier_is_written_as_one():
    assert found(patient(modifierExtension=[RED]), extension(modifier=True), asked=()) == []
    assert keys(issues_of([RED], extension(modifier=True))) == [("FD-EXTENSION-CONTEXT", "Patient.extension[0]")]
    plain = found(patient(modifierExtension=[RED]), extension(), asked=())
    assert keys(plain) == [("FD-EXTENSION-CONTEXT", "Patient.modifierExtension[0]")]


@pytest.mark.parametrize(
    ("kind", "path", "fits"),
    [
        ("element", "Patient", True),
        ("element", "DomainResource", True),
        ("element", "Element", True),
        ("element", "Observation", False),
        ("element", "Patient.name", False),
        ("fhirpath", "Patient", True),
        ("fhirpath", "Patient.where(active)", False),
        ("extension", "http://example.org/StructureDefinition/outer", False),
    ],
)
def test_an_extension_stands_where_its_definition_lets_it(kind, path, fits):
    definition = extension(contexts=[{"type": kind, "expression": path}])
    expected = [] if fits else [("FD-EXTENSION-CONTEXT", "Patient.extension[0]")]
    assert keys(issues_of([RED], definition)) == expected


@pytest.mark.parametrize("path", ["Patient.name", "HumanName", "Element"])
def test_paths_and_types_are_both_contexts(path):
    definition = extension(contexts=[{"type": "element", "expression": path}])
    assert found(patient(name=[{"text": "甲", "extension": [RED]}]), definition, asked=()) == []


@pytest.mark.parametrize("path", ["Patient.birthDate", "date"])
def test_primitives_have_extensions_in_context(path):
    definition = extension(contexts=[{"type": "element", "expression": path}])
    born = patient(birthDate="2000-01-01", _birthDate={"extension": [RED]})
    assert found(born, definition, asked=()) == []
    active = found(patient(active=True, _active={"extension": [RED]}), definition, asked=())
    assert keys(active) == [("FD-EXTENSION-CONTEXT", "Patient.active.extension[0]")]


def test_choices_are_named_without_their_type():
    definition = extension(contexts=[{"type": "element", "expression": "Observation.value[x]"}])
    assert found(observation(valueQuantity={"value": 1, "extension": [RED]}), definition, asked=()) == []


def test_a_condition_on_the_place():
    definition = extension(contextInvariant=["active = true"])
    assert issues_of([RED], definition, active=True) == []
    assert keys(issues_of([RED], definition, active=False)) == [("FD-EXTENSION-CONTEXT", "Patient.extension[0]")]


def nested() -> Resource:
    slicing = {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}
    return extension(
        element("Extension.extension", slicing=slicing),
        element("Extension.extension", "shade", min=1, max="1"),
        element("Extension.extension.url", id="Extension.extension:shade.url", fixedUri="shade"),
        element("Extension.extension.value[x]", id="Extension.extension:shade.value[x]", type=[{"code": "string"}]),
        element("Extension.value[x]", max="0"),
    )


def test_extensions_inside_are_those_of_the_definition():
    def inside(*extensions):
        return issues_of([{"url": URL, "extension": list(extensions)}], nested())

    shade = {"url": "shade", "valueString": "dark"}
    assert inside(shade) == []
    assert ("FD-SLICE-REQUIRED", "Patient.extension[0].extension") in keys(inside({"url": "tone", "valueString": "x"}))
    assert ("FD-EXTENSION-UNKNOWN", "Patient.extension[0].extension[1]") in keys(
        inside(shade, {"url": "tone", "valueString": "x"})
    )
    assert keys(inside({"url": "shade", "valueCode": "dark"})) == [
        ("FD-TYPE", "Patient.extension[0].extension[0].value")
    ]
