"""What is not a valid FHIR 4.0.1 resource does not get in: every fault at once, with its place."""

from gateway.errors import Issue, Unprocessable
from profiles import validator
from profiles.json import Resource


def require_valid(resource: Resource) -> None:
    """Raises `Unprocessable` with every fault of the resource's structure."""
    faults = [fault for fault in validator.check(resource) if fault.severity == "error"]
    if faults:
        raise Unprocessable.of([Issue(one.code, one.key, one.zh, one.en, one.expression) for one in faults])
