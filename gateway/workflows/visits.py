"""Which hospital stay it is: the visit number, within the facility that assigned it."""

from collections.abc import Iterator

from gateway.work import Work
from gateway.workflows.reading import reference
from profiles.canonical import VISIT_NO, naming_system
from profiles.json import Resource

_URI = "urn:ietf:rfc:3986"


def claims(encounter: Resource) -> Iterator[str]:
    """One Encounter for a visit number of a facility."""
    if name := visit(encounter):
        yield f"visit/{name}"


def visit(encounter: Resource) -> str | None:
    """The visit number within the facility that assigned it."""
    for identifier in encounter.get("identifier", ()):
        facility = _facility(identifier.get("assigner")) or _facility(encounter.get("serviceProvider"))
        if identifier.get("system") == VISIT_NO and "value" in identifier and facility:
            return f"{facility}/{identifier['value']}"
    return None


def assigned(encounter: Resource, source: str | None) -> Resource:
    """The Encounter of a message: where it names no facility, its visit number is of the sender's own."""
    if source is None or _facility(encounter.get("serviceProvider")):
        return encounter
    sender = {"identifier": {"system": _URI, "value": source}}
    identifiers = [
        one if one.get("system") != VISIT_NO or _facility(one.get("assigner")) else {**one, "assigner": sender}
        for one in encounter.get("identifier", ())
    ]
    return {**encounter, "identifier": identifiers} if identifiers else encounter


async def known(work: Work, encounter: Resource) -> Resource | None:
    """The Encounter of the same visit number and facility."""
    return next(iter((await work.held(claims(encounter))).values()), None)


def _facility(organization: Resource | None) -> str | None:
    """The facility's code where it is known by one, else its reference, else the URI of who speaks for it."""
    if organization is None:
        return None
    identifier = organization.get("identifier", {})
    code = identifier.get("value")
    if identifier.get("system") == naming_system("facility-code") and code:
        return str(code)
    return reference(organization) or (code if identifier.get("system") == _URI else None)
