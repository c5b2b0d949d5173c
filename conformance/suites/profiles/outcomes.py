"""What a server says is wrong with a resource. https://hl7.org/fhir/R4/operationoutcome.html"""

import re
from collections.abc import Iterator
from dataclasses import replace

from conformance.checks import Answer, Session
from profiles.canonical import BASE
from profiles.invalid_examples import Case
from profiles.json import Resource

_INDEX = re.compile(r"\[\d+\]")
_SEVERE = frozenset({"error", "fatal"})


def supported(on: Session, resource_type: str, definition: Resource) -> None:
    """Raises `Skipped` where the server does not say that it supports the profile.

    A preset may expect it of a server: `*.supportedProfile:*`.
    """
    if on.claims(f"{resource_type}.supportedProfile:{definition['id']}"):
        return
    if any(_covers(url, definition) for url in _profiles(on.capability, resource_type)):
        return
    on.skip(
        f"CapabilityStatement 未声明支持 {definition['id']}",
        f"the CapabilityStatement does not claim to support {definition['id']}",
    )


def _profiles(capability: Resource, resource_type: str) -> Iterator[str]:
    for rest in capability.get("rest", ()):
        for entry in rest.get("resource", ()):
            if entry.get("type") == resource_type:
                yield from (str(one).partition("|")[0] for one in entry.get("supportedProfile", ()))


def _covers(supported_url: str, definition: Resource) -> bool:
    """Nobody claims extensions: who supports one of our profiles of a type knows those that it uses."""
    if definition["type"] == "Extension":
        return supported_url.startswith(BASE)
    return supported_url == str(definition["url"])


def no_errors(answer: Answer) -> None:
    answer.expect_status(200)
    told = ", ".join(_places(answer, _SEVERE))
    zh, en = f"有效的示例不应有错误：{told}", f"a valid example should have no errors: {told}"
    answer.expect(not [*_issues(answer, _SEVERE)], zh, en)


def errors_found(answer: Answer, case: Case) -> None:
    """A refusal must give its reasons, and not also what is merely advised."""
    found(answer, replace(case, expect=tuple(one for one in case.expect if one.severity == "error")))


def found(answer: Answer, case: Case) -> None:
    """Every issue that is expected, as severe or more so, at its element or at the one around it."""
    for wanted in case.expect:
        severities = _SEVERE if wanted.severity == "error" else _SEVERE | {"warning"}
        place = _INDEX.sub("", wanted.expression)
        met = not {place, place.rpartition(".")[0]}.isdisjoint(_places(answer, severities))
        zh, en = (
            f"应在 {wanted.expression} 报告 {wanted.severity}",
            f"an {wanted.severity} is missing at {wanted.expression}",
        )
        answer.expect(met, f"{zh}（{case.why}）", f"{en} ({case.why})")


def _places(answer: Answer, severities: frozenset[str]) -> list[str]:
    """The expressions of all such issues, without indexes."""
    return [_INDEX.sub("", one) for issue in _issues(answer, severities) for one in issue.get("expression", ())]


def _issues(answer: Answer, severities: frozenset[str]) -> Iterator[Resource]:
    for issue in answer.expect_type("OperationOutcome").get("issue", ()):
        if issue.get("severity") in severities:
            yield issue
