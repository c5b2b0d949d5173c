"""Laws that hold for every message: nothing else is raised, nothing is invented, everything produced is valid."""

import csv
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mappings.hl7v2.codesystems
from mappings import hl7v2
from profiles import json, validator
from tests.mappings.hl7v2 import adt

WORDS = st.sampled_from(
    [
        *("", '""', "I", "7", "0", "无", "示例甲", "示", "例", "SHI", "A B", "PI", "NI", "ISO", "1.2.3", "L", "I", "P"),
        *(
            "20250902",
            "20250903101112",
            "2025090308+0800",
            "20250101",
            "99999999",
            "Y",
            "a\x0bb",
            "\x00",
            "\u2028",
            "\ud7ff",
        ),
        *("\\F\\", "\\X41\\", "\\X00\\", "\\Z\\", "\\", "&", adt.resident_id(), "5", "急诊", " ", "\u3000"),
    ]
)
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)
COMPONENTS = st.lists(WORDS | TEXT, max_size=10).map("^".join)
FIELD = st.lists(COMPONENTS, max_size=2).map("~".join)
USED = {
    "MSH": (3, 4, 7),
    "EVN": (2, 6),
    "PID": (2, 3, 4, 5, 7, 8, 13, 19, 29, 30),
    "PV1": (*range(2, 20), 36, 37, 44, 45),
}
CHANGES = st.fixed_dictionaries(
    {name: st.dictionaries(st.sampled_from(numbers), FIELD, max_size=4) for name, numbers in USED.items()}
)
TIME = st.sampled_from(["20250903", "20250903101112.5", "202509030810+0900", "2025-09-03 08:10:00.0", "2025"])
TIMES = {"MSH": (7,), "EVN": (2, 6), "PID": (7, 29), "PV1": (45,)}
READABLE = st.fixed_dictionaries(
    {
        name: st.dictionaries(st.sampled_from([n for n in numbers if n not in (*TIMES[name], 2, 19, 44)] or [9]), FIELD)
        for name, numbers in USED.items()
    }
)
MOMENTS = st.fixed_dictionaries(
    {name: st.dictionaries(st.sampled_from(numbers), TIME) for name, numbers in TIMES.items()}
)
NUMBERS = st.sampled_from(["7", adt.resident_id(), "ZY 1", "示例1"])
TRIGGERS = st.sampled_from(["A01", "A02", "A03", "A11"])


@given(st.text() | st.text(alphabet='MSHPIDV1ADT^A0|~\\&\r\n"', max_size=60).map("MSH|^~\\&|".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(hl7v2.Untranslatable):
        message = hl7v2.parse(text)
        hl7v2.head(message)
        hl7v2.lane_key(message)
        hl7v2.check(message)


@settings(max_examples=120, deadline=None)
@given(TRIGGERS, CHANGES)
def test_what_passes_the_check_is_translated_and_what_does_not_is_refused_alike(
    trigger: str, changes: dict[str, dict[int, str]]
) -> None:
    text = adt.er7(trigger, **changes)
    assert refusal(adt.translated, text) == refusal(hl7v2.check, hl7v2.parse(text))


@settings(max_examples=100, deadline=None)
@given(TRIGGERS, READABLE, MOMENTS, NUMBERS)
def test_what_is_translated_is_valid_and_every_word_of_it_was_in_the_input_or_in_a_table(
    trigger: str, changes: dict[str, dict[int, str]], moments: dict[str, dict[int, str]], number: str
) -> None:
    fields = {name: changes[name] | moments[name] for name in USED}
    fields["MSH"][4] = fields["PV1"][19] = number
    fields["PID"][3] = f"{number}~{fields['PID'].get(3, '')}"
    text = adt.er7(trigger, **fields)
    assume(refusal(adt.translated, text) is None)
    bundle = adt.translated(text)
    assert_nothing_empty(bundle)
    assert validator.check(bundle) == []
    Bundle.model_validate_json(json.dumps(bundle))
    assert_nothing_invented(bundle, text)


def refusal(function: Callable[[Any], object], argument: object) -> str | None:
    try:
        function(argument)
    except hl7v2.Untranslatable as reason:
        return str(reason)
    return None


def assert_nothing_empty(value: Any) -> None:
    match value:
        case dict() | list():
            assert value
            for one in value.values() if isinstance(value, dict) else value:
                assert_nothing_empty(one)
        case str():
            assert value.strip()
        case other:
            assert other is not None


def assert_nothing_invented(bundle: dict[str, Any], text: str) -> None:
    said = squeezed(" ".join(spoken(text))) + squeezed(text).upper()
    for kind in ("Patient", "Encounter"):
        for name, leaf in leaves(adt.resource(bundle, kind)):
            words = [word for word in re.split(r"[\s^]+", leaf) if word]
            known = leaf in CONSTANTS or leaf in TABLES or name == "reference"
            assert known or all(squeezed(word) in said or is_time(word, text) for word in words), (name, leaf)


def leaves(value: Any, name: str = "") -> list[tuple[str, str]]:
    match value:
        case dict():
            return [leaf for key, one in value.items() for leaf in leaves(one, key)]
        case list():
            return [leaf for one in value for leaf in leaves(one, name)]
        case str():
            return [(name, value)]
        case _:
            return []


def squeezed(text: str) -> str:
    """Without space, controls and delimiters: what is joined or parted in translation looks the same."""
    return re.sub(r"[\s\x00-\x1f\x7f|^~&]", "", text)


def spoken(text: str) -> list[str]:
    """Every value as it is read: escapes resolved."""
    message = hl7v2.parse(text)
    return [
        value
        for name in USED
        for n in range(len(message.segment(name).fields))
        for repetition in message.segment(name).field(n).repetitions
        for component in range(1, len(repetition.components) + 1)
        for subcomponent in (1, 2, 3)
        if (value := repetition.value(component, subcomponent))
    ]


def is_time(word: str, text: str) -> bool:
    """Whether its digits were sent; FHIR wants seconds where HL7 v2 has none."""
    digits = re.sub(r"[^0-9]", "", re.sub(r"[+-][0-9]{2}:[0-9]{2}$", "", word))
    return digits.removesuffix("00") in re.sub(r"[^0-9|^~&\\+]", "", text)


def tables() -> frozenset[str]:
    folder = Path(mappings.hl7v2.codesystems.__file__).parent
    texts = [path.read_text("utf-8") for path in folder.glob("*.csv")]
    rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
    assert rows
    return frozenset(row[column] for row in rows for column in ("text", "system", "target"))


TABLES = tables()
CONSTANTS = frozenset(
    {
        *(
            "Patient",
            "Encounter",
            "Practitioner",
            "official",
            "phone",
            "bd",
            "ro",
            "wa",
            "ATND",
            "REF",
            "CON",
            "ADM",
            "VN",
        ),
        *("in-progress", "finished", "cancelled", "active", "completed", "IDE", "SYL"),
        "urn:oid:2.16.156.10011.1.3",
        "urn:oid:2.16.156.10011.1.4",
        "urn:oid:2.16.156.10011.1.12",
        "urn:oid:2.16.156.10011.1.13",
        "urn:oid:2.16.156.10011.1.22",
        "urn:oid:1.2.3",
        "https://fdgw.example.org/fhir/NamingSystem/facility-code",
        "https://fdgw.example.org/fhir/NamingSystem/patient-no",
        "https://fdgw.example.org/fhir/CodeSystem/admit-source",
        "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation",
        "http://terminology.hl7.org/CodeSystem/location-physical-type",
        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
    }
)
