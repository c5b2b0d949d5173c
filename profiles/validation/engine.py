"""What R4 and profiles say, compiled when first asked for and kept. https://hl7.org/fhir/R4/validation.html"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple

from profiles import definitions, fhirpath
from profiles.fhirpath import Effort
from profiles.fhirpath.nodes import resource_type
from profiles.r4.issues import Place
from profiles.structures import SnapshotError, Structures, published
from profiles.terminology import Claim, Terminology
from profiles.terminology import Fault as TerminologyFault
from profiles.validation import extensions
from profiles.validation.codes import Codes, codes
from profiles.validation.elements import Plan, root_check
from profiles.validation.run import DEEPEST_ASIDE, Check, Run
from profiles.validation.tree import Definition, Tree, tree
from profiles.validation.wordings import severity

HL7 = "http://hl7.org/fhir/StructureDefinition/"
_UNUSABLE = (SnapshotError, AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError)
LONGEST_KEPT = 400
_MOST_SETS = 4096
_COMPILING, _COMPILING_ELEMENT, _LISTING = 10_000, 25, 10_000
"""What it costs to compile a profile and each element of it, and to list a value set."""
_GROWING = "http://terminology.hl7.org/"
_CHINESE = ("\u3400", "\u9fff")


class Profile(NamedTuple):
    type: str
    check: Check | None
    usable: bool = True
    """Whether its definition makes sense."""


class Engine:
    """Whatever is compiled is kept when it is whole, so that no thread sees half of it; one compiles at a time."""

    def __init__(self, structures: Structures, terminology: Terminology) -> None:
        self.structures, self.terminology = structures, terminology
        self._compiling = RLock()
        self._paying: Effort | None = None
        """Of the check that what is being compiled is compiled for."""
        self._core: dict[str, Check | None] = {}
        self._profiles: dict[str, Profile] = {}
        self._begun: dict[str, Profile] = {}
        """Profiles that are being compiled; one that is used inside itself finds this."""
        self._extensions: dict[str, extensions.Known] = {}
        self._plans: dict[str, Plan | None] = {}
        self._said: dict[str, dict[str, Definition]] = {}
        self._codes: dict[str, Codes] = {}
        self._known_before = lru_cache(maxsize=20_000)(self._known)

    # R4

    def core(self, kind: str) -> Check | None:
        """What R4 says of a type beyond its structure; None where it says nothing."""
        if kind in self._core:
            return self._core[kind]
        with self._compiling:
            if kind in self._core:
                return self._core[kind]
            if kind in self._begun:
                return lambda value, side, place, run: self._later(kind, value, side, place, run)
            self._begun[kind] = Profile(kind, None)
            try:
                plan = self._plan(HL7 + kind)
                is_plain = plan is None or definitions.is_primitive(kind)
                self._core[kind] = None if plan is None or is_plain else root_check(plan, kind)
            finally:
                del self._begun[kind]
            return self._core[kind]

    def _later(self, kind: str, value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        """Types hold one another: what is compiled while a type is waits for it."""
        check = self.core(kind)
        if check is not None:
            check(value, side, place, run)

    def said(self, path: str) -> Definition:
        """What R4 itself says of an element."""
        kind = path.partition(".")[0]
        if kind not in self._said:
            plan = self._plan(HL7 + kind)
            if plan is None:
                return {}
            self._said[kind] = {one: branch.definition for one, branch in plan.tree.by_id.items()}
        return self._said[kind].get(path, {})

    def constraints(self, kind: str) -> list[Definition]:
        """Those that R4 states of a type."""
        found: list[Definition] = self.said(kind).get("constraint", [])
        return found

    # Profiles

    def profile(self, url: str, paying: Effort) -> Profile | None:
        """None for one that is not here; that is not kept, for strangers may ask for any number of those.

        To compile a stranger's profile costs `paying`; raises `TooCostlyError` where that has nothing left.
        """
        if url in self._profiles:
            return self._profiles[url]
        with self._compiling:
            if url in self._profiles or url in self._begun:
                return self._profiles.get(url) or self._begun[url]
            definition = self.structures.definition(url)
            if definition is None:
                return None
            before, self._paying = self._paying, paying
            kind = str(definition.get("type"))
            self._begun[url] = Profile(kind, None)
            try:
                self._profiles[url] = self._profile(url, definition, kind)
            finally:
                self._paying = before
                del self._begun[url]
            return self._profiles[url]

    def _profile(self, url: str, definition: Definition, kind: str) -> Profile:
        if definition.get("url") == HL7 + kind:
            return Profile(kind, None)
        trusted = _is_shipped(definition)
        try:
            check = root_check(Plan(self, self._tree(url, definition), core=False, trusted=trusted), kind)
        except fhirpath.TooCostlyError:
            raise
        except _UNUSABLE:
            return Profile(kind, None, usable=False)
        return Profile(kind, check if trusted or check is None else _bounded(url, check))

    def type_of(self, url: str) -> str:
        """The type that a profile is of; empty for one that is not here."""
        definition = self.structures.definition(url)
        return str(definition.get("type", "")) if definition else ""

    def trees(self, urls: Iterable[str]) -> Iterator[Plan]:
        """The snapshots of those that are here."""
        for url in urls:
            plan = self._plan(url if ":" in url else HL7 + url)
            if plan is not None:
                yield plan

    def _plan(self, url: str) -> Plan | None:
        """None for what is not here, which is not kept, and for what makes no sense."""
        if url in self._plans:
            return self._plans[url]
        definition = self.structures.definition(url)
        if definition is None:
            return None
        try:
            tree = self._tree(url, definition)
        except fhirpath.TooCostlyError:
            raise
        except _UNUSABLE:
            self._plans[url] = None
        else:
            self._plans[url] = Plan(self, tree, core=True, trusted=_is_shipped(definition))
        return self._plans[url]

    def _tree(self, url: str, definition: Definition) -> Tree:
        paid = None if _is_shipped(definition) else self._paying
        if paid is not None:
            paid.spend(_COMPILING)
        snapshot = self.structures.snapshot(url)
        if paid is not None:
            paid.spend(_COMPILING_ELEMENT * len(snapshot))
        return tree(snapshot)

    def extension(self, url: str, paying: Effort) -> extensions.Known | None:
        """None for one that is not here, which is not kept, or that is too costly to look at."""
        if url not in self._extensions:
            try:
                found = self._extension(url, paying)
            except fhirpath.TooCostlyError:
                return None
            if found is None:
                return None
            self._extensions[url] = found
        return self._extensions[url]

    def _extension(self, url: str, paying: Effort) -> extensions.Known | None:
        definition = self.structures.definition(url)
        if definition is None or definition.get("type") != "Extension":
            return None
        profile = self.profile(url, paying)
        plan = self._plan(url)
        if plan is None or profile is None:
            return None
        return extensions.known(definition, plan.tree.root, profile.check, trusted=plan.trusted)

    # Resources

    def conforms(self, run: Run, url: str) -> bool:
        """Whether the resource of a run has no error by a profile; by one that is not here, it has none."""
        try:
            profile = self.profile(url, run.inquiry.strangers)
        except fhirpath.TooCostlyError:
            return True
        if profile is None or not profile.usable:
            return True
        kind = resource_type(run.resource)
        if profile.type not in {kind, "Resource", "DomainResource"}:
            return False
        if profile.check is not None:
            profile.check(run.resource, None, run.place, run)
        return not any(severity(fault) == "error" for fault in run.faults)

    def fits(self, value: Any, side: Any, kind: str, url: str, run: Run) -> bool:  # noqa: ANN401
        """The same of any value, inside the resource of a run."""
        if run.depth >= DEEPEST_ASIDE:
            return True
        profile = self.profile(url, run.inquiry.strangers)
        if profile is None or profile.check is None:
            return profile is None or not profile.usable or profile.type == kind
        inner = run.aside(run.resource)
        profile.check(value, side, (None, kind, -1, 0), inner)
        return not any(severity(fault) == "error" for fault in inner.faults)

    # Terminology

    def codes(self, url: str, paying: Effort | None = None) -> Codes:
        """What a binding asks; a stranger pays for a set that was not listed before."""
        found = self._codes.get(url)
        if found is None:
            if paying is not None:
                paying.spend(_LISTING)
            found = codes(self.terminology, url)
            if len(url) <= LONGEST_KEPT:
                if len(self._codes) >= _MOST_SETS:
                    self._codes.clear()
                self._codes[url] = found
        return found

    def known(self, system: str, code: str, display: str | None) -> str:
        """As below; what is short is kept."""
        short = len(system) + len(code) + len(display or "") < LONGEST_KEPT
        return (self._known_before if short else self._known)(system, code, display)

    def _known(self, system: str, code: str, display: str | None) -> str:
        """The key of what is wrong with a code, or with what it is called; empty where nothing is, for all we know.

        HL7's terminology grows after 4.0.1, so that a code we do not have need not be wrong. A Chinese name of what is
        known in English only may be right.
        """
        try:
            verdict = self.terminology.validate_code(Claim(code, system, display, abstract=True))
        except TerminologyFault:
            return ""
        if verdict.valid is not False:
            return ""
        if verdict.display is None:
            return "FD-CODE-UNKNOWN:grows" if system.startswith(_GROWING) else "FD-CODE-UNKNOWN"
        if display is None or (_is_chinese(display) and not _is_chinese(verdict.display)):
            return ""
        return "FD-DISPLAY"

    def is_member(self, url: str, item: Any, paying: Effort) -> bool:  # noqa: ANN401 - any item
        """`memberOf`. Raises `UndecidedError` where nobody knows."""
        unknown, found = "", self.codes(url, paying)
        for claim in _claims(item):
            verdict = found.verdict(claim, paying)
            if verdict is True:
                return True
            unknown = verdict or unknown
        if unknown:
            raise fhirpath.UndecidedError(unknown)
        return False


def _is_shipped(definition: Definition) -> bool:
    """Whether it is in the package, and no stranger's."""
    return definition is published.resource(str(definition.get("url")))


def _bounded(url: str, check: Check) -> Check:
    """A stranger's profile, which is not looked at any more when all is spent that may be."""

    def bounded(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        try:
            run.inquiry.strangers.spend(1)
            check(value, side, place, run)
        except fhirpath.TooCostlyError:
            run.inquiry.costly[url] = None

    return bounded


def _is_chinese(text: str) -> bool:
    return any(_CHINESE[0] <= mark <= _CHINESE[1] for mark in text)


def _claims(item: Any) -> Iterator[Claim]:  # noqa: ANN401 - any item
    value = item[0] if type(item) is tuple else item
    if type(value) is str:
        yield Claim(value)
    codings = value.get("coding", [value]) if type(value) is dict else ()
    for one in codings if type(codings) is list else ():
        code, system = (one.get("code"), one.get("system")) if type(one) is dict else (None, None)
        if type(code) is str and (system is None or type(system) is str):
            yield Claim(code, system or "")
