"""Slices: which of them an item belongs to, how many there may be, and in what order. https://hl7.org/fhir/R4/profiling.html#slicing"""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.r4.issues import Fault, Place
from profiles.validation import discriminators, references
from profiles.validation.run import Check, Run
from profiles.validation.tree import Branch

if TYPE_CHECKING:
    from profiles.validation.elements import Plan

Entries = list[tuple[Any, Any, Place]]
"""Value, the object of its extensions if it is a primitive, place."""
Judge = Callable[[Entries, str, Place, Run], None]
"""Looks at all items of an element, which are of one type."""
Alternative = tuple[str, str, str]

DEFAULT = "@default"


def words(branch: Branch, count: int) -> dict[str, Any]:
    most = "*" if branch.most is None else str(branch.most)
    return {"slice": branch.slice_name, "least": str(branch.least), "most": most, "count": str(count)}


def judge(plan: "Plan", head: Branch, alternatives: tuple[Alternative, ...]) -> Judge | None:
    """None for an element without slices, or whose slices nobody can tell apart."""
    named = [one for one in head.slices if one.slice_name != DEFAULT]
    slicing = head.definition.get("slicing", {})
    matches = discriminators.matches(plan, head, named, many_types=len(alternatives) > 1)
    known = [_Slice(one, matches[id(one)], judge(plan, one, alternatives)) for one in named if id(one) in matches]
    if not known and not (head.slices or slicing.get("rules") == "closed"):
        return None
    many = len(alternatives) > 1
    checks = {
        kind: {id(one): _slice_check(plan, one, kind, many=many) for one in head.slices} for _, _, kind in alternatives
    }
    default = next((one for one in head.slices if one.slice_name == DEFAULT), None)
    rules = _Rules(known, checks, default, slicing.get("rules", "open"), bool(slicing.get("ordered")))
    rules.complete = len(known) == len(named)
    return rules.judge if plan.trusted else _paid(rules)


def _paid(rules: "_Rules") -> Judge:
    """By a stranger's profile, many items may be compared with many slices."""

    def judge(entries: Entries, kind: str, place: Place, run: Run) -> None:
        run.inquiry.strangers.spend((1 + len(entries)) * (1 + len(rules.known)))
        rules.judge(entries, kind, place, run)

    return judge


class _Slice(NamedTuple):
    branch: Branch
    matches: discriminators.Matches
    inner: Judge | None
    """Of the slices inside the slice."""


def _slice_check(plan: "Plan", branch: Branch, kind: str, *, many: bool) -> Check | None:
    """What the slice says of an item."""
    from profiles.validation.elements import element_check

    if kind == "Resource":
        return references.resource_check(plan, branch)
    return None if many and kind not in branch.types else element_check(plan, branch, kind)


class _Rules:
    """The slices of one element, compiled."""

    def __init__(
        self,
        known: list["_Slice"],
        checks: dict[str, dict[int, Check | None]],
        default: Branch | None,
        rules: str,
        ordered: bool,  # noqa: FBT001 - it is a record
    ) -> None:
        self.known, self.checks, self.default, self.rules, self.ordered = known, checks, default, rules, ordered
        self.complete = True
        """Every slice can be told apart: an item that is in none of them is in none."""

    def judge(self, entries: Entries, kind: str, place: Place, run: Run) -> None:
        checks = self.checks[kind]
        found: defaultdict[int, Entries] = defaultdict(list)
        furthest, open_before = -1, False
        for value, side, at in entries:
            index = self._index(value, side, kind, run)
            if index is None:
                open_before = True
                self._unmatched(value, side, at, checks, run)
                continue
            found[index].append((value, side, at))
            check = checks[id(self.known[index].branch)]
            if check is not None:
                check(value, side, at, run)
            if (self.ordered and index < furthest) or (self.rules == "openAtEnd" and open_before):
                run.faults.append(Fault(at, "FD-SLICE-ORDER", {"slice": self.known[index].branch.slice_name}))
            furthest = max(furthest, index)
        for index, one in enumerate(self.known):
            _count(one.branch, len(found[index]), place, run)
            if one.inner is not None:
                one.inner(found[index], kind, place, run)

    def _index(self, value: Any, side: Any, kind: str, run: Run) -> int | None:  # noqa: ANN401 - any JSON value
        found = (index for index, one in enumerate(self.known) if one.matches(value, side, kind, run))
        return next(found, None)

    def _unmatched(self, value: Any, side: Any, at: Place, checks: dict[int, Check | None], run: Run) -> None:  # noqa: ANN401
        if self.default is not None:
            check = checks[id(self.default)]
            if check is not None:
                check(value, side, at, run)
        elif self.rules == "closed" and self.complete:
            names = ", ".join(one.branch.slice_name for one in self.known)
            run.faults.append(Fault(at, "FD-SLICE-CLOSED", {"slices": names}))


def _count(branch: Branch, count: int, place: Place, run: Run) -> None:
    if count < branch.least:
        run.faults.append(Fault(place, "FD-SLICE-REQUIRED", words(branch, count)))
    elif branch.most is not None and count > branch.most:
        run.faults.append(Fault(place, "FD-SLICE-REPEATED", words(branch, count)))
