"""$translate. https://hl7.org/fhir/R4/conceptmap-operation-translate.html"""

from collections.abc import Iterator
from typing import Any

from gateway.records import Records
from gateway.rest import parameters
from gateway.rest.exchange import Request, Response
from gateway.rest.parameters import Given, group, one, parameter
from gateway.rest.terminology import vocabulary
from profiles import operations
from profiles.json import Resource
from profiles.terminology import Match, Question, is_translated


async def translate(request: Request, records: Records) -> Response:
    records.grant.require("ConceptMap", "read")
    given = parameters.read(request, operations.inputs("ConceptMap-translate"))
    codings = vocabulary.codings(given)
    resource = await vocabulary.subject(request, records, given, "conceptMap")
    canonical = vocabulary.canonical(given, "url", "conceptMapVersion")
    known = await vocabulary.about(records, [("ConceptMap", canonical)] if canonical else (), resource)
    if resource is None and not canonical:
        end = "target-system" if one(given, "reverse") else "source-system"
        for coding in codings:
            known = known.including(await vocabulary.found(records, "ConceptMap", end, vocabulary.coded(coding)[0]))
    with vocabulary.answering():
        questions = [_question(coding, given) for coding in codings]
        matches = [match for question in questions for match in known.translate(question, resource or canonical)]
    return parameters.answer(_translated(matches))


def _question(coding: dict[str, Any], given: Given) -> Question:
    system, code = vocabulary.coded(coding)
    depends = ((one(said, "element", ""), one(said, "concept", {})) for said in given.get("dependency", ()))
    return Question(
        system,
        code,
        one(given, "source", ""),
        one(given, "target", ""),
        one(given, "targetsystem", ""),
        one(given, "reverse", default=False),
        tuple((element, frozenset(map(_pair, concept.get("coding", ())))) for element, concept in depends),
    )


def _translated(matches: list[Match]) -> Iterator[Resource | None]:
    yield parameter("result", "boolean", is_translated(matches))
    if not matches:
        yield parameter("message", "string", "没有找到对应的映射。 No mapping was found.")
    for match in matches:
        products = (
            group("product", (parameter("element", "uri", element), parameter("concept", "Coding", coding)))
            for element, coding in match.products
        )
        said = (
            parameter("equivalence", "code", match.equivalence),
            parameter("concept", "Coding", match.concept),
            *products,
            parameter("source", "uri", match.source),
        )
        yield group("match", said)


def _pair(coding: dict[str, Any]) -> tuple[str, str]:
    return coding.get("system", ""), coding.get("code", "")
