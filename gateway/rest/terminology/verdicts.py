"""What $validate-code asks and answers, of value sets and of code systems."""

from collections.abc import Iterator
from typing import Any

from gateway.errors import Issue
from gateway.rest import outcome, parameters
from gateway.rest.parameters import Given, one, parameter
from profiles.json import Resource
from profiles.terminology import Claim, Verdict


def claim(coding: dict[str, Any], given: Given) -> Claim:
    return Claim(
        coding.get("code", ""),
        coding.get("system"),
        coding.get("display"),
        one(given, "abstract", default=False),
        one(given, "displayLanguage", ""),
    )


def told(verdicts: list[Verdict]) -> Iterator[Resource | None]:
    """The best of what the codings came to: one that is valid is enough."""
    best = next((one for one in verdicts if one.valid), None) or next(
        (one for one in verdicts if one.unknown), verdicts[0]
    )
    yield parameter("result", "boolean", bool(best.valid))
    yield parameter("display", "string", best.display)
    if best.zh:
        yield parameter("message", "string", f"{best.zh} {best.en}")
        issue = Issue(
            "not-found" if best.unknown else "code-invalid" if not best.valid else "business-rule",
            "FD-TERMINOLOGY-VALIDATION",
            best.zh,
            best.en,
            severity="warning" if best.warning else "error",
        )
        yield parameters.resource("issues", outcome.outcome([issue]))
    if best.unknown and best.unknown.kind != "value-set":
        yield parameter("x-caused-by-unknown-system", "canonical", best.unknown.url)
