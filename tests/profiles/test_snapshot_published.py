"""The snapshots that we generate against those that HL7 published, element by element."""

from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from profiles.json import loads
from profiles.r4.structures_compile import digest
from profiles.structures import published, shipped

HL7 = "http://hl7.org/fhir/StructureDefinition/"
PUBLISHED: dict[str, str] = loads(Path(__file__).with_name("snapshots.json").read_bytes())
"""Canonical URL → six hexadecimal digits an element; `python -m profiles.r4.structures_compile PACKAGE FILE`."""

NAMED = "a name for a slice, and nothing that slices: we constrain the element, HL7 puts the name into its id"
MEDPLUM = "the copy that the digests are made of has an addition or a change of Medplum's; HL7's original is as ours"
DISAGREEMENTS: dict[str, tuple[str, list[str], int]] = {
    "familymemberhistory-genetic": (
        NAMED,
        [
            *("FamilyMemberHistory." + name for name in ("relationship", "sex", "born[x]", "age[x]", "deceased[x]")),
            "FamilyMemberHistory.condition",
            *(
                "FamilyMemberHistory.condition." + name
                for name in (
                    "id",
                    "extension",
                    "modifierExtension",
                    "code",
                    "outcome",
                    "contributedToDeath",
                    "onset[x]",
                    "note",
                )
            ),
        ],
        14,
    ),
    "catalog": (NAMED, ["Composition.date"], 1),
    "provenance-relevant-history": (
        "what is said of an element holds for its slices, here a binding; and content is referred to by element",
        ["Provenance.agent:Author.type", "Provenance.entity.agent"],
        2,
    ),
    "bp": (
        "valueQuantity makes a slice wherever it stands; HL7 makes none inside a slice",
        [
            f"Observation.component:{slice_name}.value[x]{rest}"
            for slice_name in ("SystolicBP", "DiastolicBP")
            for rest in (
                "",
                *(
                    f":valueQuantity{part}"
                    for part in ("", ".id", ".extension", ".value", ".comparator", ".unit", ".system", ".code")
                ),
            )
        ],
        16,
    ),
    "clinicaldocument": (
        "how often an extension may be there is said by its definition where the profile is silent",
        ["Composition.extension:versionNumber"],
        1,
    ),
    "elementdefinition-de": ("HL7 spells out two extensions of which nothing is said", [], 8),
    "Meta": (MEDPLUM, [], 6),
    "AuditEvent": (MEDPLUM, ["AuditEvent.source.observer"], 1),
    "Binary": (MEDPLUM, [], 1),
    "Bundle": (MEDPLUM, ["Bundle.entry.response.outcome"], 1),
    "DetectedIssue": (MEDPLUM, ["DetectedIssue.status"], 1),
    "DeviceDefinition": (MEDPLUM, [], 7),
    "EvidenceVariable": (
        MEDPLUM,
        [
            "EvidenceVariable.characteristic",
            *(
                "EvidenceVariable.characteristic." + name
                for name in (
                    "description",
                    "definition[x]",
                    "usageContext",
                    "participantEffective[x]",
                    "timeFromStart",
                    "groupMeasure",
                )
            ),
        ],
        36,
    ),
    "ExplanationOfBenefit": (MEDPLUM, ["ExplanationOfBenefit.priority"], 1),
    "MeasureReport": (MEDPLUM, ["MeasureReport.subject"], 1),
    "ObservationDefinition": (MEDPLUM, [], 1),
    "ResearchStudy": (MEDPLUM, ["ResearchStudy.site"], 57),
}
"""Definition → why, the elements that are ours alone, how many are HL7's alone."""


def differences(url: str) -> tuple[list[str], int]:
    """The ids of the elements that are ours alone, and how many are theirs alone."""
    elements = shipped().snapshot(url)
    ours = [digest(one) for one in elements]
    theirs = [PUBLISHED[url][start : start + 6] for start in range(0, len(PUBLISHED[url]), 6)]
    alone: list[str] = []
    missing = 0
    for kind, start, end, their_start, their_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind != "equal":
            alone += [one["id"] for one in elements[start:end]]
            missing += their_end - their_start
    return alone, missing


def expected(url: str) -> tuple[list[str], int]:
    return DISAGREEMENTS.get(url.removeprefix(HL7), ("", [], 0))[1:]


@pytest.mark.parametrize("letter", sorted({url.removeprefix(HL7)[0].upper() for url in PUBLISHED}))
def test_a_snapshot_is_what_hl7_published_but_for_what_is_listed(letter):
    urls = [url for url in PUBLISHED if url.removeprefix(HL7)[0].upper() == letter]
    found = {url: differences(url) for url in urls}
    assert found == {url: expected(url) for url in urls}


def test_every_definition_of_hl7_is_compared():
    assert set(PUBLISHED) == {url for url in published.urls() if published.hl7(url)}
    assert len(PUBLISHED) == 648
    assert sum(map(len, PUBLISHED.values())) // 6 == 13_006


def test_every_disagreement_that_is_listed_has_a_reason_and_is_one():
    for name, (reason, alone, missing) in DISAGREEMENTS.items():
        assert reason
        assert alone or missing
        assert HL7 + name in PUBLISHED


@pytest.mark.parametrize("change", [{"min": 7}, {"fixedCode": "x"}, {"sliceName": "x"}, {"type": []}, {"id": "x"}])
def test_the_comparison_sees_a_change_of_one_element(change):
    element = shipped().snapshot("Patient")[5]
    assert digest(element | change) != digest(element)


def test_every_element_with_slices_says_what_tells_them_apart_and_no_id_is_there_twice():
    for url in PUBLISHED:
        elements = {one["id"]: one for one in shipped().snapshot(url)}
        assert Counter(one["id"] for one in shipped().snapshot(url)).most_common(1)[0][1] == 1
        for identity, one in elements.items():
            if "sliceName" in one:
                assert "slicing" in elements[identity.removesuffix(f":{one['sliceName']}")], identity
            assert {"path", "min", "max", "base"} <= one.keys(), identity
            assert all("source" in each for each in one.get("constraint", ())), identity
