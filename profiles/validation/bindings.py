"""Codes that come from value sets, by the strength of the binding, and what codes are called.

https://hl7.org/fhir/R4/terminologies.html#strength
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.definitions import value_set
from profiles.fhirpath import Effort
from profiles.fhirpath.nodes import lineage
from profiles.r4.issues import Fault, Place
from profiles.terminology import Claim
from profiles.validation.run import Check, Run
from profiles.validation.tree import Branch

if TYPE_CHECKING:
    from profiles.validation.codes import Codes
    from profiles.validation.elements import Plan
    from profiles.validation.engine import Engine

_MAXIMUM = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
_SEVERITY = {"required": "error", "extensible": "warning", "preferred": "information"}
_CODED = frozenset({"string", "uri"})

Coding = dict[str, Any]


class Binding(NamedTuple):
    url: str
    severity: str
    trusted: bool
    """HL7 or we ask for it; a stranger pays."""

    def paying(self, run: Run) -> Effort | None:
        return None if self.trusted else run.inquiry.strangers


def checks(plan: "Plan", branch: Branch, kind: str) -> list[Check]:
    """Of a code, Coding, CodeableConcept or quantity; none for a binding that is an example, or was checked before."""
    said = plan.adds(branch, "binding")
    if not isinstance(said, dict):
        return []
    every = _bindings(said, trusted=plan.trusted)
    found = [_check(plan.engine, one, kind) for one in every if not _is_checked_before(plan, one, kind)]
    return [one for one in found if one]


def _bindings(said: dict[str, Any], *, trusted: bool) -> Iterator[Binding]:
    url, severity = said.get("valueSet"), _SEVERITY.get(str(said.get("strength")))
    if isinstance(url, str) and severity:
        yield Binding(url, severity, trusted)
    for extension in said.get("extension", ()):
        widest = extension.get("valueCanonical") or extension.get("valueUri")
        if extension.get("url") == _MAXIMUM and widest and severity != "error":
            yield Binding(widest, "error", trusted)


def _is_checked_before(plan: "Plan", binding: Binding, kind: str) -> bool:
    """`profiles.validator` knows the listed codes of required bindings."""
    listed = kind in {"code", "CodeableConcept"} and value_set(binding.url.partition("|")[0])
    return bool(plan.core and binding.severity == "error" and listed)


def _check(engine: "Engine", binding: Binding, kind: str) -> Check | None:
    line = lineage(kind)
    if kind == "CodeableConcept":
        return _concept_check(engine, binding)
    if kind == "Coding":
        return _coding_check(engine, binding)
    if "Quantity" in line:
        return _quantity_check(engine, binding)
    return _code_check(engine, binding) if not _CODED.isdisjoint(line) else None


def _code_check(engine: "Engine", binding: Binding) -> Check:
    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is str:
            codes = engine.codes(binding.url, binding.paying(run))
            if value not in codes.plain:
                _judge(codes, [Claim(value)], binding, place, run)

    return check


def _coding_check(engine: "Engine", binding: Binding) -> Check:
    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is dict and "code" in value:
            codes = engine.codes(binding.url, binding.paying(run))
            if _is_hashable(value) and (value.get("system"), value["code"]) not in codes.listed:
                _judge(codes, list(_claims([value])), binding, place, run)
        elif type(value) is dict and _says_something(value):
            _fault(binding, "FD-BINDING", {"values": binding.url}, place, run)

    return check


def _concept_check(engine: "Engine", binding: Binding) -> Check:
    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is not dict:
            return
        codings = value.get("coding")
        listed = engine.codes(binding.url, binding.paying(run)).listed
        every = [one for one in codings if type(one) is dict] if type(codings) is list else []
        if any((one.get("system"), one.get("code")) in listed for one in every if _is_hashable(one)):
            return
        claims = list(_claims(every))
        if claims:
            _judge(engine.codes(binding.url, binding.paying(run)), claims, binding, place, run)
        elif _says_something(value) and binding.severity != "information":
            _fault(binding, "FD-BINDING", {"values": binding.url}, place, run)

    return check


def _quantity_check(engine: "Engine", binding: Binding) -> Check:
    coding = _coding_check(engine, binding)

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is dict and ("code" in value or binding.severity == "error"):
            coding(value, side, place, run)

    return check


def _is_hashable(coding: Coding) -> bool:
    return type(coding.get("system", "")) is str and type(coding.get("code", "")) is str


def _says_something(value: dict[str, Any]) -> bool:
    """What only says by an extension why there is no code needs none."""
    return bool(value.keys() - {"id", "extension"})


def _claims(codings: list[Coding]) -> Iterator[Claim]:
    for one in codings:
        code, system = one.get("code"), one.get("system")
        if type(code) is str and (system is None or type(system) is str):
            yield Claim(code, system or "")


def _judge(codes: "Codes", claims: list[Claim], binding: Binding, place: Place, run: Run) -> None:
    """One of the codes has to be in the set; where one may be, for all that is known, it is a warning."""
    unknown = ""
    for claim in claims:
        verdict = codes.verdict(claim, binding.paying(run))
        if verdict is True:
            return
        unknown = verdict or unknown
    if not unknown:
        _fault(binding, "FD-BINDING", {"values": binding.url}, place, run)
    elif binding.severity != "information":
        run.faults.append(Fault(place, "FD-BINDING-UNKNOWN", {"values": binding.url, "unknown": unknown}))


def _fault(binding: Binding, key: str, words: dict[str, Any], place: Place, run: Run) -> None:
    run.faults.append(Fault(place, f"{key}:{binding.severity}", words))


# Codings by themselves


def coding_checks(engine: "Engine", kind: str) -> list[Check]:
    """Of a Coding, whatever it is bound to: the system is a URL and has the code, `display` is what that is called."""
    if kind != "Coding":
        return []

    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        system = value.get("system") if type(value) is dict else None
        if type(system) is not str:
            return
        if ":" not in system:
            run.faults.append(Fault((place, "system", -1, place[3]), "FD-CODING-SYSTEM", {}))
        code, display = value.get("code"), value.get("display")
        if type(code) is str:
            known = engine.known(system, code, display if type(display) is str else None)
            if known:
                step = "display" if known == "FD-DISPLAY" else "code"
                run.faults.append(Fault((place, step, -1, place[3]), known, {"system": system}))

    return [check]
