"""Dates: the nine prefixes against dates, moments and periods. https://hl7.org/fhir/R4/search.html#date

A period without an end ends in the far future, one without a start began in the far past.
"""

from functools import partial

from conformance.checks import Check, Session, shall, should
from conformance.suites.search.scene import expect_found
from conformance.suites.search.values import finding

_BORN = ("Patient?birthdate",)
_CLAIMS = ("Encounter.create", "Encounter.search-type", "Encounter?_id", "Encounter?date", "Patient.create", *_BORN)
_TABLE = {
    "eq": (("2024-03", "closed"), ("2024-03-05", ""), ("2024", "closed"), ("1980-05-17", "anna"), ("1990-06", "")),
    "ne": (("2024-03", "openend openstart"), ("2024-03-05", "closed openend openstart"), ("1980", "bob")),
    "gt": (("2024-03-09", "closed openend"), ("2024-04-01", "openend"), ("1985", "bob")),
    "lt": (("2024-03-02", "closed openstart"), ("2024-02-01", "openstart"), ("1985", "anna")),
    "ge": (("2024-03-08", "closed openend"), ("2024-05-01", "openend"), ("1990", "bob")),
    "le": (("2024-03-02", "closed openstart"), ("2024-02-01", "openstart"), ("1990", "anna bob")),
    "sa": (("2024-02-20", "closed openend"), ("2024-03-03", "openend"), ("1980-05-16", "anna bob")),
    "eb": (("2024-04-01", "closed openstart"), ("2024-03-09", "openstart"), ("1990-01-01", "anna")),
}
"""Prefix → (date, what it finds): years from 2000 on are of visits, others of births."""
_WORDS = {
    "eq": ("检索范围须包含整个目标", "the range searched for contains the whole target"),
    "ne": ("检索范围未包含整个目标", "the range searched for does not contain the whole target"),
    "gt": ("目标有晚于检索值的部分", "some of the target is after the value"),
    "lt": ("目标有早于检索值的部分", "some of the target is before the value"),
    "ge": ("目标不全早于检索值", "not all of the target is before the value"),
    "le": ("目标不全晚于检索值", "not all of the target is after the value"),
    "sa": ("整个目标在检索值之后开始", "the target starts after the value"),
    "eb": ("整个目标在检索值之前结束", "the target ends before the value"),
}


def _prefix(prefix: str) -> Check:
    zh, en = _WORDS[prefix]
    requirement = shall(f"search-date-{prefix}", "search.html#prefix", f"{prefix}：{zh}", f"{prefix}: {en}")
    names = (requirement.id, requirement, requirement.zh, requirement.en)
    return Check(*names, partial(_finds, prefix=prefix), _CLAIMS, ("search-basic",))


async def _finds(on: Session, *, prefix: str) -> None:
    for value, names in _TABLE[prefix]:
        kind, parameter = ("Encounter", "date") if value >= "2000" else ("Patient", "birthdate")
        said = "" if prefix == "eq" else prefix
        await expect_found(on, kind, f"{parameter}={said}{value}", *names.split())


_OTHERS = (
    finding(
        should("search-date-ap", "search.html#prefix", "ap：含有与检索值重叠者", "ap: has what overlaps the value"),
        "Patient",
        _BORN,
        ("birthdate=ap1980-05-17", "anna"),
    ),
    finding(
        shall(
            "search-date-or",
            "search.html#combining",
            "或的各值可有各自的前缀",
            "each of several values has a prefix of its own",
        ),
        "Patient",
        _BORN,
        ("birthdate=lt1981,gt1989", "anna bob"),
        ("birthdate=gt1981&birthdate=lt2000", "bob"),
    ),
    finding(
        shall(
            "search-date-moment",
            "search.html#date",
            "时刻按时区换算比较",
            "moments are compared across time zones",
        ),
        "Observation",
        ("Observation?date",),
        ("date=2024-02-15T02:30:00Z", "high"),
        ("date=gt2024-02-15T02:31:00Z&date=lt2024-02-15T02:29:00Z", "middle"),
        ("date=2024-01", "low"),
    ),
)
CHECKS = (*map(_prefix, _TABLE), *_OTHERS)
