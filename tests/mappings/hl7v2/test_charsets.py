"""Every GB18030 character that hides a delimiter in its second byte comes through whole."""

import unicodedata

import pytest

from mappings import hl7v2
from tests.mappings.hl7v2 import adt


def hazards() -> list[str]:
    pairs = (bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in b"\\^|~")
    characters = (pair.decode("gb18030", "ignore") for pair in pairs)
    return [one for one in characters if len(one) == 1 and unicodedata.name(one, "").startswith("CJK UNIFIED")]


def test_there_are_466_and_they_are_in_names() -> None:
    assert len(hazards()) == 466
    assert {"弢", "珅", "瓅", "韡", "瑋", "東"} <= set(hazards())


@pytest.mark.parametrize("trail", ["\\", "^", "|", "~"])
def test_every_text_field_survives_encoding_decoding_and_translation(trail: str) -> None:
    chosen = [one for one in hazards() if one.encode("gb18030")[1] == ord(trail)]
    assert len(chosen) > 100
    for one in chosen:
        name = f"{one}某{one}"
        text = adt.er7(
            MSH={3: name, 4: f"H1^{name}", 18: "GB 18030-2000"},
            PID={3: f"{name}1", 5: f"{one}^{name}"},
            PV1={3: f"{name}^{name}^{name}", 7: f"D1^{name}~{name}", 14: name, 19: f"{name}1", 36: name, 37: name},
        )
        raw = text.encode("gb18030")
        message = hl7v2.parse(raw.decode("gb18030"), "gb18030")
        bundle = hl7v2.translate(message, raw=raw, codec="gb18030", received=adt.RECEIVED, identifier=adt.IDENTIFIER)
        patient, encounter = adt.resource(bundle, "Patient"), adt.resource(bundle, "Encounter")
        assert adt.resource(bundle, "MessageHeader")["source"]["name"] == name
        assert patient["identifier"][0]["value"] == f"{name}1"
        assert patient["name"] == [{"text": one + name, "family": one, "given": [name]}]
        assert encounter["identifier"][0]["value"] == f"{name}1"
        assert encounter["serviceProvider"]["display"] == name
        assert encounter["location"][0]["location"]["identifier"]["value"] == f"{name}^{name}^{name}"
        assert [one["individual"]["display"] for one in encounter["participant"]] == [name, name]
        assert encounter["hospitalization"] == {
            "admitSource": {"text": name},
            "dischargeDisposition": {"text": name},
            "destination": {"display": name},
        }
