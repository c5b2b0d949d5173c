"""The configuration as an app finds it that knows nothing yet. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html"""

from dataclasses import dataclass
from typing import Any

from conformance.checks import Answer, Session, Unable

PAGE = "https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html"
WELL_KNOWN = ".well-known/smart-configuration"
ABSENT = frozenset({401, 403, 404, 410})
"""How a server answers that has nothing there, or tells nobody what it has not."""


@dataclass(frozen=True, slots=True)
class Published:
    """The answer of the well-known address, and its content where that is what it should be."""

    status: int
    content: dict[str, Any] | None


async def published(on: Session) -> Published:
    """Asked as an app does that knows nothing yet: without a token."""
    answer = await on.get(WELL_KNOWN, headers={"Accept": "application/json"}, authorized=False)
    found = answer.json if answer.status == 200 and is_json(answer) else None
    return Published(answer.status, found if isinstance(found, dict) else None)


async def configuration(on: Session) -> dict[str, Any]:
    """Raises `Skipped` where the server does without SMART, and says so by saying nothing."""
    found = await on.once(published)
    if found.content is None and found.status in ABSENT and not on.claims("smart"):
        on.skip("服务器没有声明 SMART", "the server does not claim SMART")
    if found.content is None:
        raise Unable("没有可用的 smart-configuration", "there is no smart-configuration to look at")
    return found.content


def is_json(answer: Answer) -> bool:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/json"


def texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
