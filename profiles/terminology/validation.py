"""Whether a code is one of a value set or a code system, and what is wrong where it is not.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html
"""

from typing import NamedTuple

from profiles.json import Resource
from profiles.terminology import systems
from profiles.terminology.expansion import display
from profiles.terminology.members import Gap, Key, Member, Members
from profiles.terminology.systems import System


class Verdict(NamedTuple):
    valid: bool | None
    """None: it cannot be told, because something is not here; `unknown` names it and the texts say so."""
    display: str | None = None
    """What the code is called, or should be called."""
    zh: str = ""
    en: str = ""
    unknown: Gap | None = None
    system: str | None = None
    """Where the code was found."""
    warning: bool = False
    """The texts are a hint; the code is valid."""


class Claim(NamedTuple):
    """What somebody says of a code."""

    code: str
    system: str | None = None
    display: str | None = None
    abstract: bool = False
    """A heading is welcome."""
    language: str = ""


def in_set(found: Members, name: str, claim: Claim) -> Verdict:
    key = _key(found, claim)
    member = found.listed.get(key) if key else None
    if key and member:
        return _of_member(member, key[0], claim)
    gap = found.gap(claim.system) if claim.system else next(iter(found.open.values()), None)
    if gap:
        return undecided(gap)
    return Verdict(
        valid=False,
        zh=f"值集 {name} 中没有这个代码;请检查代码与代码系统。",
        en=f"The code is not in value set {name}; check the code and its system.",
    )


def _key(found: Members, claim: Claim) -> Key | None:
    """Where no system is said, the first that has the code."""
    if claim.system is None:
        return found.first.get(claim.code)
    key = claim.system, claim.code
    if key in found.listed:
        return key
    system = found.systems.get(claim.system)
    concept = system.find(claim.code) if system and system.folded else None
    return (claim.system, concept["code"]) if concept else None


def in_system(system: System, claim: Claim) -> Verdict:
    concept = system.find(claim.code)
    if concept is not None:
        return _of_member(Member(system, system.version, concept, nested=False), system.url, claim)
    if not system.complete:
        return undecided(Gap("fragment", system.url))
    return Verdict(
        valid=False,
        zh=f"代码系统 {system.url} 中没有这个代码;请检查拼写与大小写。",
        en=f"Code system {system.url} has no such code; check spelling and case.",
    )


def undecided(gap: Gap) -> Verdict:
    what_zh = {"system": "代码系统", "fragment": "代码系统", "value-set": "值集"}[gap.kind]
    what_en = {"system": "Code system", "fragment": "Code system", "value-set": "Value set"}[gap.kind]
    how_zh = "只有部分内容在这里" if gap.kind == "fragment" else "不在这里"
    how_en = "is here in part only" if gap.kind == "fragment" else "is not here"
    return Verdict(
        None,
        zh=f"{what_zh} {gap.url} {how_zh},无法判断代码是否有效。",
        en=f"{what_en} {gap.url} {how_en}: it cannot be told whether the code is valid.",
        unknown=gap,
        warning=True,
    )


def _of_member(member: Member, system: str, claim: Claim) -> Verdict:
    known = member.known
    if not claim.abstract and "property" in known and systems.is_abstract(known):
        return Verdict(
            valid=False,
            display=display(member, claim.language),
            zh="该代码是分类标题(抽象代码),不能直接使用;请用其下级代码。",
            en="The code is a heading (abstract) and not to be used itself; use one below it.",
            system=system,
        )
    if claim.display is None and "property" not in known and not claim.language:
        return Verdict(valid=True, display=display(member, ""), system=system)
    return _of_concept(member, system, claim)


def _of_concept(member: Member, system: str, claim: Claim) -> Verdict:
    name = display(member, claim.language)
    if claim.display is not None and not _is_called(member, claim.display):
        return Verdict(
            valid=False,
            display=name,
            zh="display 与该代码的名称不符。",
            en="The display is not what the code is called.",
            system=system,
        )
    if systems.is_inactive(member.known):
        zh, en = "该代码已停用。", "The code is no longer active."
        return Verdict(valid=True, display=name, zh=zh, en=en, system=system, warning=True)
    return Verdict(valid=True, display=name, system=system)


def _is_called(member: Member, said: str) -> bool:
    names = _names(member)
    return not names or _plain(said) in {_plain(name) for name in names}


def _names(member: Member) -> list[str]:
    """Every name that is known; none for a code that is known without its words."""
    found = [str(name) for one in (member.said, member.known) if (name := one.get("display"))]
    found += [str(one["value"]) for concept in (member.said, member.known) for one in _designations(concept)]
    return found or ([member.said["code"]] if member.system else [])


def _designations(concept: Resource) -> list[Resource]:
    return systems.designations(concept)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
