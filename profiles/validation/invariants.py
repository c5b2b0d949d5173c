"""The constraints of definitions: FHIRPath, or a function that says the same faster. https://hl7.org/fhir/R4/conformance-rules.html#constraints"""

from typing import TYPE_CHECKING, Any

from profiles import fhirpath
from profiles.r4.issues import Fault, Place, Severity, Word
from profiles.validation import bundles
from profiles.validation.constraints_zh import chinese
from profiles.validation.errata import mended
from profiles.validation.run import Check, Run
from profiles.validation.tree import Branch, Definition
from profiles.validation.twins import TWINS, Twin
from profiles.validation.wordings import Told

if TYPE_CHECKING:
    from profiles.validation.elements import Plan

CHECKED_ELSEWHERE = frozenset({"ele-1", "ext-1", "dom-2", "txt-1", "txt-2"}) | bundles.CONSTRAINTS
"""`profiles.validator` reports what these of R4 are about, under keys of its own, and `bundles` those of a Bundle."""
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def checks(plan: "Plan", branch: Branch, kind: str) -> list[Check]:
    """Those that the definition has, and R4's has not."""
    known = {_name(one) for one in plan.base(branch).get("constraint", ())}
    known |= {_name(one) for one in plan.engine.constraints(kind)} if not plan.core else set()
    own = (one for one in branch.definition.get("constraint", ()) if _name(one) not in known)
    checked = (one for one in own if one.get("key") not in CHECKED_ELSEWHERE and "expression" in one)
    return [_check(one, kind, trusted=plan.trusted) for one in checked]


def _name(constraint: Definition) -> tuple[str, str]:
    return str(constraint.get("key")), str(constraint.get("expression"))


def _check(constraint: Definition, kind: str, *, trusted: bool) -> Check:
    twin = TWINS.get(str(constraint["key"]))
    if twin is not None and twin.expression == constraint["expression"]:
        return _twin_check(constraint, twin)
    return _expression_check(constraint, kind, trusted=trusted)


def _twin_check(constraint: Definition, twin: Twin) -> Check:
    holds = twin.holds

    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is dict and not holds(value, run):
            run.faults.append(broken(constraint, place))

    return check


def _expression_check(constraint: Definition, kind: str, *, trusted: bool) -> Check:
    text = mended(str(constraint["expression"]))

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        node = fhirpath.root(value) if kind == "Resource" else (value, kind, side)
        try:
            holds = fhirpath.compiled(text).holds(node, run.world(trusted=trusted))
        except fhirpath.TooCostlyError:
            if not trusted:
                raise
            run.faults.append(Fault(place, "FD-INVARIANT-UNDECIDED:costly", {"constraint": str(constraint["key"])}))
        except (fhirpath.UndecidedError, fhirpath.NotFhirPathError):
            run.faults.append(Fault(place, "FD-INVARIANT-UNDECIDED", {"constraint": str(constraint["key"])}))
        else:
            if not holds:
                run.faults.append(broken(constraint, place))

    return check


def broken(constraint: Definition, place: Place) -> Told:
    human = str(constraint.get("human", constraint["key"]))
    severity: Severity = "warning" if constraint.get("severity") == "warning" else "error"
    key = str(constraint["key"])
    zh = chinese(str(constraint.get("source")), key, human) or human
    words: dict[str, Word] = {"zh": _in(constraint, "zh", zh), "en": _in(constraint, "en", human)}
    return Told(place, key, words, severity, "invariant")


def _in(constraint: Definition, language: str, otherwise: str) -> str:
    """HL7 writes English only; ours is Chinese with a translation."""
    for extension in constraint.get("_human", {}).get("extension", ()):
        parts = {one.get("url"): one for one in extension.get("extension", ())}
        said = parts.get("lang", {}).get("valueCode", "")
        if extension.get("url") == _TRANSLATION and said.startswith(language):
            content = parts.get("content", {})
            return str(content.get("valueString") or content.get("valueMarkdown") or otherwise)
    return otherwise
