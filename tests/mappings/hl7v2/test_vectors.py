"""Each trigger event against its vector: a message, and facts about its Bundle in FHIRPath."""

import base64
from pathlib import Path

import fhirpathpy
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhirpathpy.models import models

from mappings.hl7v2.messages import MAPPINGS
from profiles import json, validator
from tests.mappings.hl7v2 import adt

VECTORS = Path(__file__).parent / "vectors"
NAMES = sorted(path.stem for path in VECTORS.glob("*.er7"))


def test_every_trigger_event_has_a_vector() -> None:
    assert sorted(f"{message_type}_{trigger}".lower() for message_type, trigger in MAPPINGS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_bundle_says_what_the_vector_says(name: str) -> None:
    bundle = adt.translated((VECTORS / f"{name}.er7").read_text("utf-8"))
    facts = json.loads((VECTORS / f"{name}.json").read_bytes())
    # Literals come back as FHIRPath times where the element is one; their text is compared.
    found = {path: [str(value) for value in fhirpathpy.evaluate(bundle, path, {}, models["r4"])] for path in facts}
    assert found == facts


@pytest.mark.parametrize("name", NAMES)
def test_the_bundle_is_valid_whole_and_reproducible(name: str) -> None:
    text = (VECTORS / f"{name}.er7").read_text("utf-8")
    bundle = adt.translated(text)
    assert validator.check(bundle) == []
    Bundle.model_validate_json(json.dumps(bundle))
    assert base64.b64decode(adt.resource(bundle, "Binary")["data"]) == text.encode()
    assert adt.translated(text) == bundle
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["MessageHeader", "Patient", "Encounter", "Binary", "Provenance"]


@pytest.mark.parametrize("name", NAMES)
def test_references_lead_to_entries_of_the_bundle(name: str) -> None:
    bundle = adt.translated((VECTORS / f"{name}.er7").read_text("utf-8"))
    url = {entry["resource"]["resourceType"]: entry["fullUrl"] for entry in bundle["entry"]}
    header, provenance = adt.resource(bundle, "MessageHeader"), adt.resource(bundle, "Provenance")
    assert url["MessageHeader"] == f"urn:uuid:{header['id']}"
    assert header["focus"] == provenance["target"] == [{"reference": url["Encounter"]}]
    assert adt.resource(bundle, "Encounter")["subject"] == {"reference": url["Patient"]}
    assert provenance["entity"][0]["what"]["reference"] == url["Binary"]
    assert len(set(url.values())) == 5
