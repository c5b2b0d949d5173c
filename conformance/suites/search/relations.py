"""Across resources: chains, _has, _include, _revinclude. https://hl7.org/fhir/R4/search.html#chaining"""

from conformance.checks import Session, check, shall
from conformance.suites.search.scene import scene
from conformance.suites.search.values import finding

_AFTER = ("search-basic",)
_OBSERVATION = ("Patient.create", "Observation.create", "Observation.search-type", "Observation?_id")
_ENCOUNTER = ("Encounter.create", "Observation?encounter")
_SUBJECT = "Observation?_include=Observation:subject"
_VISIT = "Observation?_include=Observation:encounter"
_REVERSE = "Patient?_revinclude=Observation:subject"


@check(
    shall(
        "search-include",
        "search.html#include",
        "_include 带出所引用的资源，标为 include",
        "_include adds what is referred to, as include",
    ),
    claims=(*_OBSERVATION, _SUBJECT),
    after=_AFTER,
)
async def include(on: Session) -> None:
    here = await scene(on)
    answer = await on.get(here.query("Observation", "_include=Observation:subject"))
    matches, included = here.names("Observation", answer.matches), here.names("Patient", answer.included)
    answer.expect(sorted(matches) == ["high", "low", "middle"], "匹配应不变", "the matches should be the same")
    answer.expect(sorted(included) == ["anna", "bob"], "应各带出一次", "each should be included once")


@check(
    shall(
        "search-revinclude",
        "search.html#revinclude",
        "_revinclude 带出引用匹配者的资源",
        "_revinclude adds what refers to the matches",
    ),
    claims=(*_OBSERVATION, "Patient.search-type", "Patient?_id", _REVERSE),
    after=_AFTER,
)
async def revinclude(on: Session) -> None:
    here = await scene(on)
    answer = await on.get(f"Patient?_id={here.of('Patient', 'anna')}&_revinclude=Observation:subject")
    matches, included = here.names("Patient", answer.matches), here.names("Observation", answer.included)
    answer.expect(matches == ["anna"], "匹配应不变", "the matches should be the same")
    answer.expect(sorted(included) == ["low", "middle"], "应带出其资料", "what is about the match should be there")


@check(
    shall(
        "search-include-iterate",
        "search.html#include",
        ":iterate 继续带出所带出资源的引用",
        ":iterate follows the references of what was included",
    ),
    claims=(*_OBSERVATION, *_ENCOUNTER, _VISIT, "Encounter?_include=Encounter:subject"),
    after=("search-include",),
)
async def iterate(on: Session) -> None:
    here = await scene(on)
    query = "_include=Observation:encounter&_include:iterate=Encounter:subject"
    answer = await on.get(f"Observation?_id={here.of('Observation', 'low')}&{query}")
    visits, people = here.names("Encounter", answer.included), here.names("Patient", answer.included)
    met = (visits, people) == (["closed"], ["anna"])
    answer.expect(met, "应带出就诊及其患者", "the visit and its patient should be included")


CHECKS = (
    finding(
        shall("search-chain", "search.html#chaining", "链式检索", "a chain"),
        "Observation",
        ("Observation?subject", "Patient?family"),
        ("subject:Patient.family=conformance{unique}son", "high"),
        ("subject:Patient.family=conformance{unique}", "low middle high"),
        ("subject:Patient.family=nobody{unique}", ""),
        feature="chain",
    ),
    finding(
        shall("search-chain-deep", "search.html#chaining", "两层链式检索", "a chain of two steps"),
        "Observation",
        (*_ENCOUNTER, "Encounter?subject", "Patient?family"),
        ("encounter:Encounter.subject:Patient.family=conformance{unique}", "low"),
        feature="chain",
    ),
    finding(
        shall("search-has", "search.html#has", "_has 反向链式检索", "_has: a chain in reverse"),
        "Patient",
        ("Observation.create", "Observation?subject", "Observation?value-quantity"),
        ("_has:Observation:subject:value-quantity=gt6.5", "bob"),
        ("_has:Observation:subject:value-quantity=lt6.5", "anna"),
        feature="has",
    ),
    include,
    revinclude,
    iterate,
)
