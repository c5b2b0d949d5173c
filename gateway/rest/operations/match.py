"""$match: who in the register a person may be. https://hl7.org/fhir/R4/patient-operation-match.html"""

import re
from collections.abc import Iterable, Iterator

from gateway.errors import BadRequest, Unprocessable
from gateway.records import Records
from gateway.rest import parameters
from gateway.rest.exchange import Request, Response
from gateway.rest.operations import matching
from gateway.rest.operations.matching import GRADE, Likeness
from gateway.search import chinese
from gateway.search.terms import escape
from gateway.storage.rows import Stored
from profiles import canonical, json, operations
from profiles.json import Resource

_CANDIDATES = 200
"""Of one search, at most."""
_DEFAULT, _MOST = 20, 100
_ALTERNATIVES = 20
"""Identifiers, names or numbers of the person that are searched for."""
_RANKS = {"certain": 3, "probable": 2, "possible": 1, "certainly-not": 0}
Pairs = list[tuple[str, str]]


async def match(request: Request, records: Records) -> Response:
    """A searchset, the likeliest first, each with its score and its grade."""
    given = parameters.read(request, operations.inputs("Patient-match"))
    person = _person(given["resource"][0])
    most = _count(parameters.one(given, "count", _DEFAULT))
    graded = await _graded(records, person)
    if parameters.one(given, "onlyCertainMatches", default=False):
        certain = [one for one in graded if one[1].grade == "certain"]
        graded = certain if len(certain) == 1 else []
    return _answer(request, graded[:most])


def _person(resource: Resource) -> Resource:
    if resource["resourceType"] != "Patient":
        raise BadRequest(
            "FD-MATCH-PATIENT",
            "参数 resource 应为 Patient 资源。",
            "The parameter resource must be a Patient.",
            "resourceType",
        )
    return resource


def _count(asked: int) -> int:
    if asked < 1:
        raise BadRequest("FD-MATCH-COUNT", "count 应为正整数。", "count must be a whole number, 1 or more.")
    return min(asked, _MOST)


async def _graded(records: Records, person: Resource) -> list[tuple[Stored, Likeness]]:
    searches = list(_searches(person))
    if not searches:
        raise Unprocessable(
            "FD-MATCH-LITTLE",
            "信息不足,无法匹配;请至少给出编号,或姓名与出生日期,或姓名与电话,或出生日期与电话。",
            "That is too little to go by; give an identifier, or two of name, birth date and telephone.",
        )
    found: dict[str, Stored] = {}
    for pairs in searches:
        page = await records.search("Patient", [*pairs, ("_count", str(_CANDIDATES))])
        found |= {stored.id: stored for stored in page.matches}
    graded = [(stored, matching.likeness(person, stored.resource())) for stored in found.values()]
    kept = [one for one in graded if one[1].grade is not None and one[0].id != person.get("id")]
    return sorted(kept, key=lambda one: (-_RANKS[str(one[1].grade)], -one[1].score, one[0].id))


# Who is looked at


def _searches(person: Resource) -> Iterator[Pairs]:
    names, numbers, born = _names(person), _numbers(person), person.get("birthDate")
    if identifiers := _identifiers(person):
        yield [("identifier", identifiers)]
    if names and born:
        yield [("name", names), ("birthdate", born)]
    if names and numbers:
        yield [("name", names), ("phone", numbers)]
    if born and numbers:
        yield [("birthdate", born), ("phone", numbers)]


def _identifiers(person: Resource) -> str:
    """Each as it was sent; identity numbers in both lengths, for the register may be older than the upgrade."""
    said = [one for one in person.get("identifier", ()) if "value" in one]
    pairs = {(one.get("system", ""), one["value"].strip()): None for one in said}
    for number in sorted(matching.residents(person)):
        older = f"{number[:6]}{number[8:17]}" if number[6:8] == "19" else number
        pairs |= dict.fromkeys((canonical.RESIDENT_ID, form) for form in (number, number.lower(), older))
    return _alternatives(f"{_token(system)}|{_token(value)}" if system else _token(value) for system, value in pairs)


def _names(person: Resource) -> str:
    """Whole names, as written and as they sound."""
    found: dict[str, None] = {}
    for name in person.get("name", ()):
        for text in (chinese.full(name), name.get("text") or ""):
            spelled = sorted(one for one in chinese.romanised(text, surname=True) if len(one) > len(text))
            found |= dict.fromkeys((text, *spelled))
    return _alternatives(escape(one) for one in found if one)


def _numbers(person: Resource) -> str:
    """In the ways that people write them: tokens are compared as they are."""
    said = [
        one["value"] for one in person.get("telecom", ()) if one.get("system") in {"phone", "sms"} and "value" in one
    ]
    found = dict.fromkeys(said)
    for digits in sorted(matching.phones(person)):
        found |= dict.fromkeys((digits, f"+86{digits}", f"+86 {digits}", f"+86-{digits}", *_grouped(digits)))
    return _alternatives(map(_token, found))


def _grouped(digits: str) -> Iterator[str]:
    if parts := re.fullmatch(r"(1\d{2})(\d{4})(\d{4})", digits):
        yield from (" ".join(parts.groups()), "-".join(parts.groups()))


def _token(text: str) -> str:
    return escape(text).replace("|", "\\|")


def _alternatives(values: Iterable[str]) -> str:
    return ",".join([one for one in values if one][:_ALTERNATIVES])


# What is answered


def _answer(request: Request, graded: list[tuple[Stored, Likeness]]) -> Response:
    body: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(graded)}
    if graded:
        body["entry"] = [_entry(request, stored, like) for stored, like in graded]
    return Response(200, json.dumps(body))


def _entry(request: Request, stored: Stored, like: Likeness) -> Resource:
    return {
        "fullUrl": f"{request.base}/{stored.type}/{stored.id}",
        "resource": stored.resource(),
        "search": {
            "extension": [{"url": GRADE, "valueCode": like.grade}],
            "mode": "match",
            "score": like.score,
        },
    }
