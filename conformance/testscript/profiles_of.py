"""The profiles that a script asserts. https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.profile"""

from typing import Any

from conformance.testscript.errors import Undone, Unmet
from conformance.testscript.script import Script
from profiles import structures, terminology, validation
from profiles.json import Resource
from profiles.validation import Validator

_MOST = 5


def conform(script: Script, profile_id: str, resource: Resource | None) -> None:
    """Raises `Unmet` for what does not conform, `Undone` for a profile that nobody here knows.

    Known are HL7's, ours, and what the script contains.
    """
    canonical = _canonical(script, profile_id)
    contained = [one for one in script.listed("contained") if _is_definition(one)]
    known = structures.shipped().including(contained)
    if known.definition(canonical) is None:
        raise Undone(f"the profile is not known: {canonical}")
    validator = Validator(known, terminology.shipped()) if contained else validation.shipped()
    issues = validator.check(resource, [canonical])
    errors = [f"{issue.expression}: {issue.en}" for issue in issues if issue.severity == "error"]
    if errors:
        raise Unmet("; ".join(errors[:_MOST]))


def _is_definition(one: Any) -> bool:  # noqa: ANN401 - whatever stands in the list
    return isinstance(one, dict) and one.get("resourceType") == "StructureDefinition"


def _canonical(script: Script, profile_id: str) -> str:
    for one in script.listed("profile"):
        if isinstance(one, dict) and one.get("id") == profile_id and "reference" in one:
            return str(one["reference"])
    raise Undone(f"the script has no profile with the id {profile_id}")
