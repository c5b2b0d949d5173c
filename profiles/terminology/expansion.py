"""A value set written out. https://hl7.org/fhir/R4/valueset-operation-expand.html"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from profiles.json import Resource
from profiles.terminology import systems
from profiles.terminology.faults import Invalid, NotListed
from profiles.terminology.members import Key, Member, Members

LONGEST = 10_000
"""How many codes are written out at once."""
_UNCLOSED = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"
_ABOUT = ("url", "identifier", "version", "name", "title", "status", "experimental", "date", "publisher", "immutable")
_DEFINITION = ("description", "compose")


@dataclass(frozen=True, slots=True)
class Wish:
    """How an expansion is wanted; the names are those of the operation."""

    filter: str = ""
    offset: int | None = None
    count: int | None = None
    include_designations: bool = False
    designation: tuple[str, ...] = ()
    """Languages of the designations that are wanted, or systems and codes of their use, `system|code`."""
    include_definition: bool = False
    active_only: bool = False
    exclude_nested: bool = False
    exclude_not_for_ui: bool = False
    display_language: str = ""
    exclude_system: tuple[str, ...] = ()

    @property
    def paged(self) -> bool:
        return self.offset is not None or self.count is not None


def expanded(resource: Resource, found: Members, wish: Wish, timestamp: str) -> Resource:
    """A ValueSet with an expansion; raises `NotListed` where some of it is not here, or it is too long."""
    for gap in found.open.values():
        if gap.kind != "fragment" and gap.url not in wish.exclude_system:
            raise _not_here(gap.url, gap.kind)
    kept = {key: member for key, member in found.listed.items() if _is_wanted(key, member, wish)}
    page = list(kept)[wish.offset or 0 :][: wish.count]
    if len(page) > LONGEST:
        raise NotListed(
            f"展开结果有 {len(kept)} 个代码,一次最多返回 {LONGEST} 个;请用 filter 缩小范围,或用 offset 与 count 分页。",
            f"The expansion has {len(kept)} codes, and at most {LONGEST} are sent at once; narrow it with filter, or "
            "take pages with offset and count.",
        )
    expansion: Resource = {"timestamp": timestamp, "total": len(kept)}
    if found.open:
        expansion = {"extension": [{"url": _UNCLOSED, "valueBoolean": True}], **expansion}
    if wish.paged:
        expansion["offset"] = wish.offset or 0
    expansion["parameter"] = [*_echoed(wish), *_versions(kept.values())]
    contains = [_contained(key[0], kept[key], wish) for key in page]
    flat = wish.exclude_nested or wish.paged or wish.filter
    expansion["contains"] = contains if flat else _nested(page, contains, kept)
    about = (*_ABOUT, *_DEFINITION) if wish.include_definition else _ABOUT
    head = {"resourceType": "ValueSet", "status": "active"} | {
        name: resource[name] for name in about if name in resource
    }
    return {**head, "expansion": {name: value for name, value in expansion.items() if value != []}}


def _not_here(url: str, kind: str) -> NotListed:
    if kind == "value-set":
        return NotListed(
            f"引入的值集 {url} 不在这里,无法展开;请先保存该 ValueSet。",
            f"The imported value set {url} is not here, so this cannot be expanded; store that ValueSet first.",
        )
    return NotListed(
        f"值集包含代码系统 {url} 的内容,而其内容不在这里,无法展开;可用 $validate-code 校验列出的代码,"
        "或先保存含其内容的 CodeSystem。",
        f"The value set takes codes of {url}, whose content is not here, so it cannot be expanded; store a CodeSystem "
        "with its content first.",
    )


def _is_wanted(key: Key, member: Member, wish: Wish) -> bool:
    if wish.active_only and systems.is_inactive(member.known):
        return False
    if wish.exclude_not_for_ui and systems.is_abstract(member.known):
        return False
    return key[0] not in wish.exclude_system and (not wish.filter or _is_found(member, wish.filter))


def _is_found(member: Member, text: str) -> bool:
    """Whether each word is in the code, the display or a designation."""
    said = [member.said["code"], *(str(concept.get("display", "")) for concept in (member.said, member.known))]
    said += [str(one["value"]) for concept in (member.said, member.known) for one in systems.designations(concept)]
    folded = "\n".join(said).casefold()
    return all(word in folded for word in text.casefold().split())


# What is said of a code


def display(member: Member, language: str) -> str | None:
    """In a language if it is known there; else what the value set calls it, else what the system does."""
    system_language = member.system.language if member.system else ""
    own = member.said.get("display") or member.known.get("display") or (member.said["code"] if member.system else None)
    if not language or (system_language and systems.speaks(system_language, language)):
        return own
    return systems.worded(member.said, language) or systems.worded(member.known, language) or own


def _contained(system: str, member: Member, wish: Wish) -> Resource:
    known = member.known
    said: dict[str, Any] = {
        "system": system,
        "abstract": systems.is_abstract(known) or None,
        "inactive": systems.is_inactive(known) or None,
        "version": member.version or None,
        "code": member.said["code"],
        "display": display(member, wish.display_language),
        "designation": list(_designations(member, wish)) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _designations(member: Member, wish: Wish) -> Iterator[Resource]:
    if not wish.include_designations and not wish.designation:
        return
    both = (member.said,) if member.known is member.said else (member.said, member.known)
    for one in (one for concept in both for one in systems.designations(concept)):
        use = one.get("use", {})
        names = {one.get("language", ""), f"{use.get('system', '')}|{use.get('code', '')}"}
        if not wish.designation or any(_names(wanted, names) for wanted in wish.designation):
            yield one


def _names(wanted: str, names: set[str]) -> bool:
    bare = wanted.removeprefix("urn:ietf:bcp:47|")
    return wanted in names or any(systems.speaks(name, bare) for name in names if "|" not in name)


def _nested(page: Iterable[Key], contains: list[Resource], kept: Mapping[Key, Member]) -> list[Resource]:
    """Each code inside the nearest of its parents that is there as well."""
    by_key = dict(zip(page, contains, strict=True))
    roots: list[Resource] = []
    placed: set[Key] = set()
    for key, entry in by_key.items():
        parent = _parent(key, kept)
        if parent is None or parent not in placed:
            roots.append(entry)
        else:
            by_key[parent].setdefault("contains", []).append(entry)
        placed.add(key)
    return roots


def _parent(key: Key, kept: Mapping[Key, Member]) -> Key | None:
    member = kept[key]
    if member.system is None or not member.nested:
        return None
    over = ((key[0], code) for code in member.system.parents.get(key[1], ()))
    return next((parent for parent in over if parent in kept), None)


# What was asked


def _echoed(wish: Wish) -> Iterator[Resource]:
    for one in fields(wish):
        value = getattr(wish, one.name)
        for single in value if isinstance(value, tuple) else (value,):
            if single not in {"", None, False} or (single == 0 and not isinstance(single, bool)):
                yield {"name": _camel(one.name), f"value{_type(single)}": single}


def _camel(name: str) -> str:
    if name == "exclude_system":
        return "exclude-system"
    head, *rest = name.split("_")
    return head + "".join("UI" if word == "ui" else word.capitalize() for word in rest)


def _type(value: object) -> str:
    return "Boolean" if isinstance(value, bool) else "Integer" if isinstance(value, int) else "String"


def _versions(kept: Iterable[Member]) -> Iterator[Resource]:
    used = {f"{one.system.url}|{one.version}": None for one in kept if one.system and one.version}
    return ({"name": "version", "valueUri": canonical} for canonical in used)


def check(wish: Wish) -> None:
    """Raises `Invalid` for a page that is none."""
    if (wish.offset or 0) < 0 or (wish.count or 0) < 0:
        raise Invalid("offset 与 count 不能为负数。", "offset and count cannot be negative.")
