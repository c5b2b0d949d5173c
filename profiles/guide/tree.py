"""The elements of a structure as rows of a tree table, the way HL7 prints them. https://hl7.org/fhir/R4/formats.html#table"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from profiles import json
from profiles.guide import links
from profiles.guide.links import Links
from profiles.guide.words import Words, words
from profiles.json import Resource

_FIXED = ("fixed", "pattern")
_UNIVERSAL = frozenset({"ele-1", "ext-1"})


class Link(NamedTuple):
    text: str
    href: str = ""


class Flag(NamedTuple):
    letter: str
    zh: str
    en: str


class Type(NamedTuple):
    type: Link
    targets: Sequence[Link]
    """What a reference may lead to, or the profiles of the type."""


class Binding(NamedTuple):
    strength: str
    values: Link


class Value(NamedTuple):
    kind: str
    """fixed or pattern."""
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    name: str
    depth: int
    flags: Sequence[Flag]
    cardinality: str
    is_tightened: bool
    """The cardinality differs from that of the base."""
    types: Sequence[Type]
    short: Words
    binding: Binding | None
    value: Value | None
    slicing: str
    keys: Sequence[str]
    """Of its constraints."""
    requirements: str
    is_prohibited: bool


def rows(shown: Iterable[Resource], snapshot: Sequence[Resource], base: Mapping[str, Resource], to: Links) -> list[Row]:
    """Of these elements, which may be a differential: what they leave out is what the snapshot says."""
    whole = {one["id"]: one for one in snapshot}
    return [_row(whole.get(one["id"], {}) | one, base.get(one["path"], {}), to) for one in shown]


def _row(element: Resource, base: Resource, to: Links) -> Row:
    own, slice_name = element["id"].rpartition(".")[2], element.get("sliceName")
    minimum, maximum = element.get("min", 0), str(element.get("max", ""))
    fixed = next(((kind, name) for name in element for kind in _FIXED if name.startswith(kind)), None)
    return Row(
        id=element["id"],
        name=f"{own.partition(':')[0]}:{slice_name}" if slice_name else own,
        depth=min(element["path"].count(".") + element["id"].count(":"), 12),
        flags=list(_flags(element)),
        cardinality=f"{minimum}..{maximum}" if maximum else "",
        is_tightened=bool(base) and (minimum, maximum) != (base.get("min", 0), str(base.get("max", ""))),
        types=[_type(one, to) for one in element.get("type", ())],
        short=words(element, "short"),
        binding=_binding(element.get("binding"), to),
        value=Value(fixed[0], _text(element[fixed[1]])) if fixed else None,
        slicing=_slicing(element.get("slicing")),
        keys=[one["key"] for one in element.get("constraint", ()) if one["key"] not in _UNIVERSAL],
        requirements=element.get("requirements", ""),
        is_prohibited=maximum == "0",
    )


def _flags(element: Resource) -> Iterator[Flag]:
    if element.get("mustSupport"):
        yield Flag("S", "必须支持", "must be supported")
    if element.get("isModifier"):
        yield Flag("?!", "修饰元素", "modifier element")
    if element.get("isSummary"):
        yield Flag("Σ", "摘要元素", "part of the summary")
    if any(one["key"] not in _UNIVERSAL for one in element.get("constraint", ())):
        yield Flag("C", "有约束", "has constraints")


def _type(said: Resource, to: Links) -> Type:
    code = said.get("code", "")
    profiles = [*said.get("profile", ()), *said.get("targetProfile", ())]
    targets = [Link(one.rpartition("/")[2], to.of(one)) for one in profiles]
    return Type(Link(code.rpartition("/")[2], links.of_type(code)), targets)


def _binding(said: Resource | None, to: Links) -> Binding | None:
    if said is None:
        return None
    url = str(said.get("valueSet", ""))
    return Binding(said["strength"], Link(url.rpartition("/")[2], to.of(url)))


def _text(value: Any) -> str:  # noqa: ANN401 - any FHIR value
    return value if isinstance(value, str) else json.dumps(value).decode()


def _slicing(said: Resource | None) -> str:
    if said is None:
        return ""
    by = ", ".join(f"{one['type']}:{one['path']}" for one in said.get("discriminator", ()))
    ordered = ", ordered" if said.get("ordered") else ""
    return f"{by} ({said.get('rules', 'open')}{ordered})" if by else f"({said.get('rules', 'open')}{ordered})"


class Constraint(NamedTuple):
    key: str
    severity: str
    human: Words
    expression: str
    paths: Sequence[str]


def constraints(snapshot: Iterable[Resource]) -> list[Constraint]:
    """Every one once, with where it holds; those that every element of FHIR has are left out."""
    found: dict[str, Constraint] = {}
    for element in snapshot:
        for one in element.get("constraint", ()):
            if one["key"] in _UNIVERSAL:
                continue
            known = found.get(one["key"])
            paths = [*(known.paths if known else ()), element["id"]]
            told = words(one, "human")
            found[one["key"]] = Constraint(one["key"], one["severity"], told, one.get("expression", ""), paths)
    return list(found.values())
