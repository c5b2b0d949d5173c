"""`_sort`: by any parameter, by several, each up or down. https://hl7.org/fhir/R4/search.html#sort"""

from dataclasses import dataclass
from typing import Literal

from gateway.errors import NotSupported
from gateway.search.parameters import Catalogue, Parameter
from gateway.search.terms import key

Kind = Literal["moment", "updated", "id", "words", "span", "amount", "content"]
_TABLES: dict[str, Kind] = {"string": "words", "uri": "words", "date": "span", "number": "amount", "quantity": "amount"}
_MOST = 5

WRITTEN = "strpos({x}.value, chr(1)) > 0 AND {x}.value < chr(128)"
"""Of a word, that it was written so, and begins with a letter or digit of ASCII."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What to order by: the clinical date, the last update, the id, a table of the index, or the content itself."""

    kind: Kind
    descending: bool
    keys: tuple[int, ...] = ()
    """The first under which a resource has a value is that by which it is ordered."""
    written: tuple[int, ...] = ()
    """Of the keys those of texts that have others to be ordered by, unless they are in ASCII: only `WRITTEN` counts."""
    mixed: bool = False
    """Under the keys may be texts of both kinds: no index has their order."""
    paths: tuple[str, ...] = ()


def sorts(types: tuple[str, ...], asked: str | None, catalogue: Catalogue) -> tuple[Sort, ...]:
    names = [name for name in (asked or "").split(",") if name]
    if len(names) > _MOST:
        raise NotSupported("FD-SEARCH-SORT", f"_sort 最多 {_MOST} 个参数。", f"_sort takes {_MOST} parameters at most.")
    return tuple(_sort(types, name.removeprefix("-"), catalogue, descending=name.startswith("-")) for name in names)


def _sort(types: tuple[str, ...], code: str, catalogue: Catalogue, *, descending: bool) -> Sort:
    if code == "_lastUpdated":
        return Sort("updated", descending)
    if code == "_id":
        return Sort("id", descending)
    found = [parameter for one in types if (parameter := catalogue.of(one).get(code)) is not None and parameter.ready]
    if len(found) != len(types):
        raise _refused(types, code, catalogue)
    if descending and all(_is_clock(parameter, catalogue) for parameter in found):
        return Sort("moment", descending)  # the order of the index, where what has no date is the oldest
    kind = _TABLES.get(found[0].kind, "content")
    if kind == "content":
        paths = tuple(dict.fromkeys(place.value for parameter in found for place in parameter.places))
        if not paths:
            raise _refused(types, code, catalogue)
        return Sort(kind, descending, paths=paths)
    own = tuple(key(parameter.name) for parameter in found)
    folded = [parameter for parameter in found if parameter.kind == "string" and not _is_address(parameter)]
    ordered = (key(parameter.name, "sort") for parameter in folded)
    written = tuple(key(parameter.name) for parameter in folded if parameter.places)
    return Sort(kind, descending, (*ordered, *own), written, mixed=len(written) < len(folded))


def _is_address(parameter: Parameter) -> bool:
    """Of which the index has the texts and nothing to order them by."""
    return any(place.type == "Address" for place in parameter.places)


def _is_clock(parameter: Parameter, catalogue: Catalogue) -> bool:
    clock = catalogue.clock(parameter.name.type)
    return clock is not None and clock.name == parameter.name


def _refused(types: tuple[str, ...], code: str, catalogue: Catalogue) -> NotSupported:
    common = set.intersection(*(set(catalogue.of(one)) for one in types))
    known = " ".join(["_lastUpdated", "_id", *sorted(common)])
    return NotSupported(
        "FD-SEARCH-SORT",
        f"不能按 {code[:64]} 排序;可用:{known}。",
        f"It cannot be sorted by {code[:64]}; there is: {known}.",
    )
