"""Rules on what references and codes say, beyond their structure. https://hl7.org/fhir/R4/references.html"""

import re
from collections.abc import Callable
from functools import cache
from itertools import chain

from profiles.definitions import resource_types, value_set
from profiles.r4.issues import Fault, Place, Word, listing

Json = dict[str, object]
Rule = Callable[[Json, Place, list[Fault]], None]
"""Looks at a JSON object that stands at a place, and adds what is wrong with it."""

_ID = r"[A-Za-z0-9\-.]{1,64}"
_is_id = re.compile(_ID).fullmatch
_RELATIVE = re.compile(rf"([A-Z][A-Za-z]+)(?:/{_ID}(?:/_history/{_ID})?(?:#\S+)?|\?\S+)")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_TAIL = re.compile(rf"/([A-Z][A-Za-z]+)/{_ID}(?:/_history/{_ID})?(?:#\S+)?")
_TAIL_STEPS = 4


def target(reference: str) -> str | None:
    """The resource type that a literal reference names: empty where it does not tell, None where it is no reference."""
    if reference.startswith("#"):
        return ""
    if _ABSOLUTE.match(reference):
        return _target_of_url(reference)
    relative = _RELATIVE.fullmatch(reference)
    return relative[1] if relative and relative[1] in resource_types() else None


def _target_of_url(url: str) -> str:
    steps = url.rsplit("/", _TAIL_STEPS)
    tails = (_TAIL.fullmatch("/" + "/".join(steps[n:])) for n in (-2, -4))
    return next((tail[1] for tail in tails if tail and tail[1] in resource_types()), "")


@cache
def reference_rule(targets: tuple[str, ...]) -> Rule:
    """The literal reference has one of its forms and leads to one of `targets`, or to anything when there are none."""
    allowed = frozenset(targets) or resource_types()

    def check(value: Json, place: Place, faults: list[Fault]) -> None:
        literal = value.get("reference")
        if type(literal) is str:
            step, _, rest = literal.partition("/")
            if step in allowed and _is_id(rest):
                return
            kind = target(literal)
            if kind is None:
                at = (place, "reference", -1, place[3])
                faults.append(Fault(at, "FD-REFERENCE-FORM", {}))
        else:
            kind = _logical_target(value.get("type"))
        if kind and kind not in allowed:
            faults.append(Fault(place, "FD-REFERENCE-TARGET", {"type": kind, "allowed": listing(list(targets))}))

    return check


def _logical_target(kind: object) -> str:
    return kind if type(kind) is str and kind in resource_types() else ""


# Extensions. https://hl7.org/fhir/R4/extensibility.html


def extension_rule(value: Json, place: Place, faults: list[Fault]) -> None:
    """ext-1: a value or extensions, never both, never neither."""
    nested = "extension" in value
    has_more = len(value) - nested - ("url" in value) - ("id" in value) > 0
    if nested is has_more and nested is any(name.startswith(("value", "_value")) for name in value):
        faults.append(Fault(place, "FD-EXTENSION-VALUE", {}))


# Codes of required bindings. https://hl7.org/fhir/R4/terminologies.html#required


@cache
def codes(url: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(value_set(url).values()))


@cache
def code_words(url: str) -> dict[str, Word]:
    every = chain.from_iterable(sorted(known) for known in value_set(url).values())
    return {"values": url, "allowed": listing(list(every))}


@cache
def concept_rule(url: str) -> Rule:
    """One coding at least is of the value set; a concept that only says by extension why it is absent is let be."""
    allowed = frozenset((system, code) for system, known in value_set(url).items() for code in known)

    def check(value: Json, place: Place, faults: list[Fault]) -> None:
        codings = value.get("coding")
        if codings is None and "text" not in value and "extension" in value:
            return
        if type(codings) is not list or not any(_is_coding_of(allowed, coding) for coding in codings):
            faults.append(Fault(place, "FD-CODE", code_words(url)))

    return check


def _is_coding_of(allowed: frozenset[tuple[str, str]], coding: object) -> bool:
    if type(coding) is not dict:
        return False
    system, code = coding.get("system"), coding.get("code")
    return type(system) is str and type(code) is str and (system, code) in allowed
