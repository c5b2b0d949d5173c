"""Search parameters of type token: codes and identifiers, never folded. https://hl7.org/fhir/R4/search.html#token"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gateway.errors import BadRequest, NotSupported
from gateway.search import string
from gateway.search.expressions import Value
from gateway.search.terms import Asked, Clause, Found, Keyed, Name, Not, key, modifier_refused, split, unescape
from profiles.terminology import Fault, Terminology

_MODIFIERS = ":not :text :in :not-in :above :below :of-type :missing"


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    """Keys for `code`, `system|code`, `system|` and `|code` of every value; words for its texts."""
    for fhir_type, value in values:
        for form in forms(fhir_type, value):
            into.idx.add(key(name, *form))
        if isinstance(value, dict):
            for text in _texts(fhir_type, value):
                into.words.add((key(name, "text"), string.word(text)))
            if fhir_type == "Identifier":
                into.idx |= {key(name, "of-type", *typed) for typed in _typed(value)}


def forms(fhir_type: str, value: Any) -> Iterator[tuple[str, ...]]:
    """What a value is found by: its code, its system and code, its system with any code."""
    for system, code in _codes(fhir_type, value):
        yield (code,)
        yield system, code
        if system:
            yield system, ""


def form(text: str) -> tuple[str, ...]:
    """What is asked for, in one of those forms."""
    return tuple(map(unescape, split(text, "|")))


def clause(asked: Asked) -> Clause:
    match asked.modifier:
        case "":
            return _keyed(asked, map(form, asked.values))
        case "not":
            return Not(_keyed(asked, map(form, asked.values)))
        case "text":
            return string.clause(asked, key(asked.name, "text"))
        case "of-type":
            return _keyed(asked, (("of-type", *_three(asked, value)) for value in asked.values))
        case "in":
            return _keyed(asked, _members(asked))
        case "not-in":
            return Not(_keyed(asked, _members(asked)))
        case "below":
            return _keyed(asked, _related(asked, asked.terminology.descendants))
        case "above":
            return _keyed(asked, _related(asked, asked.terminology.ancestors))
        case _:
            raise modifier_refused(asked, _MODIFIERS)


def _keyed(asked: Asked, found: Iterable[tuple[str, ...]]) -> Keyed:
    forms = (form for one in found for form in _implied(one, asked.systems))
    return Keyed(tuple(dict.fromkeys(key(asked.name, *form) for form in forms)), asked.rank)


def _implied(found: tuple[str, ...], systems: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """What is asked for by the system that an element of type `code` has by its binding is indexed without it."""
    yield found
    if len(found) == 2 and found[0] in systems:
        yield "", found[1]


def _codes(fhir_type: str, value: Any) -> Iterable[tuple[str, str]]:
    """(system, code) of a value, the system empty where it has none."""
    if isinstance(value, str):
        return [("", value)]
    if isinstance(value, bool):
        return [("", "true" if value else "false")]
    if not isinstance(value, dict):
        return [("", str(value))]
    if fhir_type == "CodeableConcept":
        return [pair for coding in value.get("coding", ()) for pair in _codes("Coding", coding)]
    code = value.get("code" if fhir_type == "Coding" else "value")
    system = "" if fhir_type == "ContactPoint" else value.get("system", "")
    return [(system, code)] if isinstance(code, str) and isinstance(system, str) else []


def _texts(fhir_type: str, value: dict[str, Any]) -> Iterator[str]:
    match fhir_type:
        case "CodeableConcept":
            found = [value.get("text"), *(coding.get("display") for coding in value.get("coding", ()))]
        case "Coding":
            found = [value.get("display")]
        case "Identifier":
            found = [value.get("type", {}).get("text")]
        case _:
            found = []
    yield from (text for text in found if isinstance(text, str))


def _typed(identifier: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """System and code of the type of an identifier, with its value."""
    value = identifier.get("value")
    if isinstance(value, str):
        for system, code in _codes("CodeableConcept", identifier.get("type", {})):
            yield system, code, value


def _three(asked: Asked, value: str) -> tuple[str, ...]:
    parts = form(value)
    if len(parts) != 3 or not all(parts):
        raise BadRequest(
            "FD-SEARCH-OF-TYPE",
            f"{asked.name.code}:of-type 的值应写作 类型系统|类型代码|编号。",
            f"The value of {asked.name.code}:of-type is written type-system|type-code|value.",
        )
    return parts


def _members(asked: Asked) -> Iterator[tuple[str, str]]:
    """The codes of the value sets that were asked for."""
    for value in asked.values:
        url = unescape(value)
        codes = _listed(asked.terminology, url)
        if codes is None:
            raise NotSupported(
                "FD-SEARCH-VALUE-SET",
                f"检索参数 {asked.name.code}:{asked.modifier} 所指的值集未知或无法在本地展开。",
                f"The value set of {asked.name.code}:{asked.modifier} is not known here, or cannot be listed.",
            )
        yield from codes


def _listed(known: Terminology, url: str) -> frozenset[tuple[str, str]] | None:
    """(system, code) of each member of a value set; None for one that is not here, or that cannot be listed."""
    try:
        return known.codes_in(url)
    except Fault:
        return None


def _related(asked: Asked, related: Callable[[str, str], frozenset[str] | None]) -> Iterator[tuple[str, ...]]:
    """The codes above or below, with the one that was asked for."""
    for value in asked.values:
        parts = form(value)
        if len(parts) == 1:
            raise BadRequest(
                "FD-SEARCH-SYSTEM",
                f"{asked.name.code}:{asked.modifier} 的值应写作 代码系统|代码。",
                f"The value of {asked.name.code}:{asked.modifier} is written system|code.",
            )
        found = related(parts[0], parts[1])
        if found is None:
            raise NotSupported(
                "FD-SEARCH-CODE-SYSTEM",
                f"检索参数 {asked.name.code}:{asked.modifier} 所用的代码系统未知,无法判断上下级。",
                f"The code system of {asked.name.code}:{asked.modifier} is not known here, nor is its hierarchy.",
            )
        yield from ((parts[0], code) for code in found)
