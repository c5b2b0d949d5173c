"""What every version of a resource carries, in its content and in the headers. https://hl7.org/fhir/R4/http.html#versioning"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from conformance.checks import Answer


def expect_stamp(answer: Answer, id_: str, version: str) -> None:
    """Of the resource in the body: the id, and the version where it is known."""
    resource = answer.resource
    answer.expect(resource.get("id") == id_, "id 应与地址一致", "the id should be that of the address")
    found = (resource.get("meta") or {}).get("versionId")
    answer.expect(not version or found == version, "versionId 应与地址一致", "versionId should be that of the address")


def expect_modified(answer: Answer) -> None:
    """Last-Modified and meta.lastUpdated are the same second."""
    said = moment((answer.resource.get("meta") or {}).get("lastUpdated"))
    answer.expect(said is not None, "meta.lastUpdated 应为 instant", "meta.lastUpdated should be an instant")
    header = answer.headers.get("Last-Modified")
    if header is not None and said is not None:
        met = _second(header) == said.astimezone(UTC).replace(microsecond=0)
        answer.expect(met, "Last-Modified 应等于 meta.lastUpdated", "Last-Modified should be meta.lastUpdated")


def moment(instant: object) -> datetime | None:
    """None for what is not an instant."""
    try:
        found = datetime.fromisoformat(str(instant))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _second(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header)
    except ValueError:
        return None
