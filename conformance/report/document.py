"""A run as one JSON document: every other format is drawn from it, at once or years later."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from conformance.checks import redaction
from conformance.checks.check import Requirement, Suite
from conformance.checks.target import Target
from conformance.checks.verdict import Verdict, of_all
from conformance.presets import Preset
from conformance.runner import Result, Run
from conformance.suites import SUITES

KIND = "fdgw-conformance-report"
FORM = 1
FHIR_VERSION = "4.0.1"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run was asked for."""

    begun: datetime
    seconds: float
    preset: Preset
    only: tuple[str, ...]


def document(run: Run, target: Target, asked: Circumstances) -> Document:
    """Holds no credential, and of the target's own data types and ids only."""
    suites = {result.suite.id: result.suite for result in run.results}
    return {
        "kind": KIND,
        "form": FORM,
        "begun": asked.begun.isoformat(timespec="seconds"),
        "seconds": round(asked.seconds, 3),
        "tool": f"fdgw {version('fdgw')}",
        "fhirVersion": FHIR_VERSION,
        "target": _target(target),
        "preset": {"name": asked.preset.name, "zh": asked.preset.zh, "en": asked.preset.en},
        "inputs": redaction.inputs(target.inputs),
        "only": [*asked.only],
        "suites": [_suite(suite) for suite in suites.values()],
        "verdicts": counted(result.verdict for result in run.results),
        "cutShort": _words(run.cut_short) if run.cut_short else None,
        "interrupted": run.interrupted,
        "removed": target.removed,
        "left": [*target.left],
        "requirements": requirements(run.results),
        "checks": [_check(result) for result in run.results],
    }


def counted(verdicts: Iterable[str]) -> dict[str, int]:
    found = Counter(verdicts)
    return {verdict.value: found[verdict] for verdict in Verdict}


def requirements(results: Iterable[Result]) -> list[Document]:
    """The matrix: every requirement, the checks that prove it, and the worst that was found."""
    proven: dict[Requirement, list[Result]] = {}
    for result in results:
        proven.setdefault(result.check.requirement, []).append(result)
    return [
        {
            **_requirement(one),
            "verdict": of_all(result.verdict for result in found).value,
            "checks": [result.check.id for result in found],
        }
        for one, found in proven.items()
    ]


def stale(found: Document, current: Callable[[str], Suite]) -> list[str]:
    """The suites that are no more what they were when the report was made; `current` may raise `KeyError`."""
    shipped = [one for one in found["suites"] if one["shipped"]]
    return [one["id"] for one in shipped if _version(one["id"], current) != one["version"]]


def _version(name: str, current: Callable[[str], Suite]) -> str:
    try:
        return current(name).version
    except KeyError:
        return ""


def _suite(suite: Suite) -> Document:
    words = {"zh": suite.zh, "en": suite.en}
    return {"id": suite.id, "version": suite.version, **words, "shipped": suite.id in SUITES}


def address(url: str) -> str:
    """Without the credentials and the query that it may hold."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _target(target: Target) -> Document:
    software = target.capability.get("software")
    named = software if isinstance(software, dict) else {}
    return {
        "url": address(target.base),
        "software": str(named.get("name", "")),
        "version": str(named.get("version", "")),
        "fhirVersion": str(target.capability.get("fhirVersion", "")),
    }


def _requirement(one: Requirement) -> Document:
    return {"id": one.id, "strength": one.strength.value, "source": one.source, "zh": one.zh, "en": one.en}


def _check(result: Result) -> Document:
    check = result.check
    return {
        "id": check.id,
        "suite": result.suite.id,
        "requirement": check.requirement.id,
        "strength": check.requirement.strength.value,
        "source": check.requirement.source,
        "zh": check.zh,
        "en": check.en,
        "verdict": result.verdict.value,
        "reason": _words(result.reason),
        "seconds": round(result.seconds, 3),
        "assertions": [asdict(one) for one in result.trace.assertions],
        "exchanges": [_exchange(asdict(one)) for one in result.trace.exchanges],
    }


def _exchange(found: Mapping[str, Any]) -> Document:
    names = ("protocol", "request", "request_headers", "request_body")
    answered = ("status", "response_headers", "response_body", "milliseconds")
    asked = {name.removeprefix("request_"): found[name] for name in names if name != "protocol"}
    said = {name.removeprefix("response_"): found[name] for name in answered}
    asked["line"] = asked.pop("request")
    return {"protocol": found["protocol"], "request": asked, "response": said}


def _words(words: tuple[str, str]) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}
