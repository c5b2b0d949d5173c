"""The constraints of R4 in Chinese, which HL7 has in English only. https://hl7.org/fhir/R4/conformance-rules.html#constraints"""

from functools import cache
from pathlib import Path

from profiles import json
from profiles.structures import published


def chinese(source: str, key: str, human: str) -> str | None:
    """What HL7's definition at URL `source` says under `key`; None where it is not there in these words."""
    if not _is_stated(source, key, human):
        return None
    return _texts().get(f"{source.rpartition('/')[2]}.{key}") or _texts().get(key)


def _is_stated(source: str, key: str, human: str) -> bool:
    definition = published.hl7(source)
    elements = definition["differential"]["element"] if definition else ()
    stated = (one for element in elements for one in element.get("constraint", ()))
    return any((one["key"], one["human"]) == (key, human) for one in stated)


@cache
def _texts() -> dict[str, str]:
    """By key, or by `Type.key` where types share a key."""
    path = Path(__file__).parents[1] / "r4" / "constraints.zh.json"
    texts: dict[str, str] = json.loads(path.read_bytes())
    return texts
