"""Slices: those that a differential spells out, and those that go without saying."""

import pytest

from tests.profiles.differentials import HL7, MINE, element, keys, profile, snapshot, types

BY_SYSTEM = {"discriminator": [{"type": "value", "path": "system"}], "ordered": False, "rules": "open"}
BY_USE = {"discriminator": [{"type": "value", "path": "use"}], "rules": "closed"}


def patient(*elements):
    return profile("patient", "Patient", *elements)


def observation(*elements):
    return profile("observation", "Observation", *elements)


# Spelled out


def test_a_slice_follows_its_element_and_is_named_in_ids():
    found = snapshot(
        patient(
            element("Patient.identifier", slicing=BY_SYSTEM, min=1),
            element("Patient.identifier", "idCard", min=1, max="1"),
            element("Patient.identifier.system", fixedUri="urn:id"),
            element("Patient.identifier", "record"),
            element("Patient.identifier.system", fixedUri="urn:record"),
        )
    )
    order = [one for one in found if one.startswith("Patient.identifier") and one.count(".") == 1]
    assert order == ["Patient.identifier", "Patient.identifier:idCard", "Patient.identifier:record"]
    card = found["Patient.identifier:idCard"]
    assert (card["path"], card["sliceName"]) == ("Patient.identifier", "idCard")
    assert found["Patient.identifier:idCard.system"]["fixedUri"] == "urn:id"
    assert found["Patient.identifier:record.system"]["fixedUri"] == "urn:record"
    assert "sliceName" not in found["Patient.identifier:idCard.system"]
    assert "Patient.identifier.system" not in found


def test_a_slice_need_not_be_there_unless_it_says_so_and_has_no_slicing_of_its_own():
    found = snapshot(
        patient(element("Patient.identifier", slicing=BY_SYSTEM, min=2, max="5"), element("Patient.identifier", "any"))
    )
    assert found["Patient.identifier"]["slicing"] == BY_SYSTEM
    one = found["Patient.identifier:any"]
    assert (one["min"], one["max"], "slicing" in one) == (0, "5", False)


def test_what_is_said_of_the_element_holds_for_its_slices_in_whatever_order_it_is_said():
    rule = {"key": "my-1", "severity": "error", "human": "h", "expression": "true"}
    found = snapshot(
        patient(
            element("Patient.contact", "mother", id="Patient.contact:mother", max="1"),
            element("Patient.contact.name", id="Patient.contact:mother.name", mustSupport=True),
            element("Patient.contact.name", id="Patient.contact.name", min=1),
            element("Patient.contact", id="Patient.contact", slicing=BY_SYSTEM, constraint=[rule]),
        )
    )
    assert "my-1" in keys(found["Patient.contact:mother"])
    inner = found["Patient.contact:mother.name"]
    assert (inner["min"], inner["mustSupport"]) == (1, True)
    assert "mustSupport" not in found["Patient.contact.name"]


def test_ids_tell_where_an_element_belongs_even_out_of_order():
    found = snapshot(
        patient(
            element("Patient.identifier.value", id="Patient.identifier:a.value", min=1),
            element("Patient.identifier", "b", id="Patient.identifier:b"),
            element("Patient.identifier", "a", id="Patient.identifier:a"),
            element("Patient.identifier", id="Patient.identifier", slicing=BY_SYSTEM),
        )
    )
    assert found["Patient.identifier:a.value"]["min"] == 1
    assert "Patient.identifier:b.value" not in found


def test_a_derived_profile_goes_on_with_the_slices_of_its_base():
    first = patient(element("Patient.identifier", slicing=BY_SYSTEM), element("Patient.identifier", "a", min=1))
    found = snapshot(
        profile(
            "second",
            first["url"],
            element("Patient.identifier", "a", id="Patient.identifier:a", max="1"),
            element("Patient.identifier.system", id="Patient.identifier:a.system", fixedUri="urn:a"),
            element("Patient.identifier", "b", id="Patient.identifier:b"),
            kind="Patient",
        ),
        first,
    )
    one = found["Patient.identifier:a"]
    assert (one["min"], one["max"]) == (1, "1")
    assert found["Patient.identifier:a.system"]["fixedUri"] == "urn:a"
    assert list(found).index("Patient.identifier:b") > list(found).index("Patient.identifier:a.system")


def test_a_slice_is_sliced_again():
    found = snapshot(
        patient(
            element("Patient.name", slicing=BY_USE),
            element("Patient.name", "han", max="3", short="汉字"),
            element("Patient.name.family", min=1),
            element("Patient.name", "han", id="Patient.name:han", slicing=BY_SYSTEM),
            element("Patient.name", "han/old", max="1"),
            element("Patient.name.family", maxLength=4),
            element("Patient.name", "latin"),
        )
    )
    order = [one for one in found if one.startswith("Patient.name") and one.count(".") == 1]
    assert order == ["Patient.name", "Patient.name:han", "Patient.name:han/old", "Patient.name:latin"]
    old = found["Patient.name:han/old"]
    assert (old["sliceName"], old["max"], old["min"], old["short"]) == ("han/old", "1", 0, "汉字")
    family = found["Patient.name:han/old.family"]
    assert (family["min"], family["maxLength"]) == (1, 4)
    assert found["Patient.name:han"]["slicing"] == BY_SYSTEM


def test_slices_inside_slices_are_kept_apart():
    by_code = {"discriminator": [{"type": "value", "path": "code"}], "rules": "open"}
    found = snapshot(
        observation(
            element("Observation.component", slicing=by_code),
            element("Observation.component", "a"),
            element("Observation.component.code.coding", slicing=by_code),
            element("Observation.component.code.coding", "x", min=1),
            element("Observation.component", "b"),
        )
    )
    assert found["Observation.component:a.code.coding:x"]["min"] == 1
    assert not [one for one in found if one.startswith("Observation.component:b.code.")]
    assert not [one for one in found if one.startswith("Observation.component.code.")]


def test_a_single_name_without_slicing_is_only_a_name():
    found = snapshot(patient(element("Patient.birthDate", "born", min=1), element("Patient.contact", "kin", min=1)))
    assert found["Patient.birthDate"]["min"] == found["Patient.contact"]["min"] == 1
    assert not [one for one in found if ":" in one]


def test_a_slice_with_a_profile_has_what_the_profile_says_and_what_is_said_of_the_element():
    email = profile(
        "email",
        "ContactPoint",
        element("ContactPoint.system", min=1, fixedCode="email"),
        element("ContactPoint.period.end", max="0"),
    )
    kinds = [{"code": "ContactPoint", "profile": [email["url"]]}]
    found = snapshot(
        patient(
            element("Patient.telecom", slicing=BY_SYSTEM),
            element("Patient.telecom.value", min=1),
            element("Patient.telecom.period", max="0"),
            element("Patient.telecom", "email", type=kinds),
        ),
        email,
    )
    assert found["Patient.telecom:email.system"]["fixedCode"] == "email"
    assert found["Patient.telecom:email.value"]["min"] == 1
    assert found["Patient.telecom:email.period"]["max"] == "0"
    assert found["Patient.telecom:email.period.end"]["max"] == "0"
    assert "fixedCode" not in found["Patient.telecom.system"]


# Extensions


def extension(name: str, *more, **root):
    return profile(
        name,
        "Extension",
        element("Extension", **root),
        element("Extension.url", fixedUri=MINE + name),
        *more,
    )


def test_extensions_are_sliced_by_url_without_anybody_saying_so():
    kind = extension("kind", min=1, max="1", short="种类", isModifier=False)
    use = element("Patient.extension", "kind", type=[{"code": "Extension", "profile": [kind["url"]]}])
    found = snapshot(patient(use), kind)
    assert found["Patient.extension"]["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]
    one = found["Patient.extension:kind"]
    assert (one["min"], one["max"], one["short"]) == (1, "1", "种类")
    assert set(keys(one)) == {"ele-1", "ext-1"}


def test_the_profile_goes_before_what_the_definition_of_an_extension_says():
    kind = extension("kind", short="种类", min=0, max="*")
    kinds = [{"code": "Extension", "profile": [kind["url"]]}]
    found = snapshot(patient(element("Patient.extension", "kind", short="类", max="1", type=kinds)), kind)
    assert (found["Patient.extension:kind"]["short"], found["Patient.extension:kind"]["max"]) == ("类", "1")


def test_a_path_walks_into_an_extension():
    kind = extension("kind", element("Extension.value[x]", type=[{"code": "code"}]))
    use = element("Patient.extension", "kind", type=[{"code": "Extension", "profile": [kind["url"]]}])
    found = snapshot(patient(use, element("Patient.extension.value[x]", fixedCode="a")), kind)
    value = found["Patient.extension:kind.value[x]"]
    assert (types(value), value["fixedCode"]) == (["code"], "a")
    assert found["Patient.extension:kind.url"]["fixedUri"] == kind["url"]


def test_a_complex_extension_has_slices_of_its_own():
    found = snapshot(
        extension(
            "both",
            element("Extension.extension", "a", min=1, max="1"),
            element("Extension.extension.extension", max="0"),
            element("Extension.extension.url", fixedUri="a"),
            element("Extension.extension.value[x]", min=1, type=[{"code": "date"}]),
            element("Extension.value[x]", max="0"),
        )
    )
    assert found["Extension.extension:a.url"]["fixedUri"] == "a"
    assert found["Extension.extension:a.extension"]["max"] == "0"
    assert types(found["Extension.extension:a.value[x]"]) == ["date"]
    assert found["Extension.value[x]"]["max"] == "0"


def test_an_extension_may_hold_itself():
    own = {"code": "Extension", "profile": [MINE + "nested"]}
    found = snapshot(extension("nested", element("Extension.extension", "again", max="1", type=[own]), max="*"))
    assert found["Extension.extension:again"]["type"] == [own]


# Choices of types


def test_the_short_form_alone_leaves_no_other_type():
    found = snapshot(observation(element("Observation.valueQuantity", min=1)))
    choice, one = found["Observation.value[x]"], found["Observation.value[x]:valueQuantity"]
    assert (types(choice), choice["slicing"]["rules"]) == (["Quantity"], "closed")
    assert choice["slicing"]["discriminator"] == [{"type": "type", "path": "$this"}]
    assert (one["path"], one["sliceName"], types(one), one["min"]) == (
        "Observation.value[x]",
        "valueQuantity",
        ["Quantity"],
        1,
    )


def test_several_short_forms_slice_by_type_and_leave_the_others():
    found = snapshot(
        observation(element("Observation.valueQuantity.unit", min=1), element("Observation.valueString", maxLength=9))
    )
    choice = found["Observation.value[x]"]
    assert (len(choice["type"]), choice["slicing"]["rules"]) == (11, "open")
    assert found["Observation.value[x]:valueQuantity.unit"]["min"] == 1
    assert found["Observation.value[x]:valueString"]["maxLength"] == 9


@pytest.mark.parametrize("path", ["Observation.value[x]", "Observation.valueQuantity"])
def test_a_slice_by_type_is_named_after_its_type(path):
    identity = "Observation.value[x]:valueQuantity"
    found = snapshot(
        observation(
            element(path, "valueQuantity", id=identity, max="1"),
            element(f"{path}.code", id=f"{identity}.code", fixedCode="mm[Hg]"),
        )
    )
    assert types(found[identity]) == ["Quantity"]
    assert found[f"{identity}.code"]["fixedCode"] == "mm[Hg]"


def test_where_slicing_is_said_the_short_form_is_one_slice_of_it():
    slicing = {"discriminator": [{"type": "type", "path": "$this"}], "rules": "open"}
    found = snapshot(
        observation(element("Observation.value[x]", slicing=slicing), element("Observation.valueQuantity", max="1"))
    )
    assert found["Observation.value[x]"]["slicing"] == slicing
    assert len(found["Observation.value[x]"]["type"]) == 11
    assert types(found["Observation.value[x]:valueQuantity"]) == ["Quantity"]


def test_a_choice_of_one_type_has_the_children_of_the_type():
    first = observation(element("Observation.value[x]", type=[{"code": "Quantity"}]))
    for name in ("value[x]", "valueQuantity"):
        second = profile("second", first["url"], element(f"Observation.{name}.code", min=1), kind="Observation")
        assert snapshot(second, first)["Observation.value[x].code"]["min"] == 1


def test_a_choice_of_several_types_has_the_children_of_every_element():
    found = snapshot(observation(element("Observation.value[x].extension", max="0")))
    assert found["Observation.value[x].extension"]["max"] == "0"
    assert [one for one in found if one.startswith("Observation.value[x].")] == [
        "Observation.value[x].id",
        "Observation.value[x].extension",
    ]


def test_a_derived_profile_goes_on_with_a_slice_by_type():
    first = profile("first", HL7 + "bodyheight", element("Observation.valueQuantity.value", mustSupport=True), kind="x")
    value = snapshot(first)["Observation.value[x]:valueQuantity.value"]
    assert (value["min"], value["mustSupport"]) == (1, True)
