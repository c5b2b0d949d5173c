"""Limits that a questionnaire sets to an answer: length, format, range, units, attachments, targets.

https://hl7.org/fhir/R4/questionnaire-profilelist.html
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from profiles import patterns
from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.questionnaires.form import extensions, text
from profiles.validation.questionnaires.values import Value, number, order, value_of
from profiles.validation.wordings_answers import found

_BASE = "http://hl7.org/fhir/StructureDefinition"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
_LEAST = (f"{_BASE}/minValue", f"{_SDC}/sdc-questionnaire-minQuantity")
_MOST = (f"{_BASE}/maxValue", f"{_SDC}/sdc-questionnaire-maxQuantity")


def issues(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    for rule in _RULES.get(value.type, ()):
        yield from rule(definition, value, place)


def _texts(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    content, most = text(value.content), definition.get("maxLength")
    if isinstance(most, int) and len(content) > most:
        yield found("FD-ANSWER-LONG", place, most=str(most))
    for said in extensions(definition, f"{_BASE}/minLength"):
        least = said.get("valueInteger")
        if isinstance(least, int) and len(content) < least:
            yield found("FD-ANSWER-SHORT", place, least=str(least))
    if definition.get("type") == "string" and ("\n" in content or "\r" in content):
        yield found("FD-ANSWER-LINES", place)
    for said in extensions(definition, f"{_BASE}/regex"):
        expression = patterns.bounded(text(said.get("valueString")), content)
        if expression is None:
            yield found("FD-ANSWER-FORMAT-UNDECIDED", place)
        elif not expression.fullmatch(content):
            yield found("FD-ANSWER-FORMAT", place)


def _range(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    for urls, beyond, key in ((_LEAST, -1, "FD-ANSWER-LOW"), (_MOST, 1, "FD-ANSWER-HIGH")):
        for said in extensions(definition, *urls):
            limit = value_of(said)
            compared = order(value, limit) if limit else None
            if compared == beyond:
                yield found(key, place)
            elif compared is None and limit and value.type == limit.type == "Quantity":
                yield found("FD-ANSWER-INCOMPARABLE", place)


def _decimals(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    content = value.content.get("value") if isinstance(value.content, dict) else value.content
    exponent = (number(content) or Decimal(0)).as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    for said in extensions(definition, f"{_BASE}/maxDecimalPlaces"):
        most = said.get("valueInteger")
        if isinstance(most, int) and places > most:
            yield found("FD-ANSWER-DECIMALS", place, most=str(most))


def _units(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    options = [said.get("valueCoding") for said in extensions(definition, f"{_BASE}/questionnaire-unitOption")]
    codings = [option for option in options if isinstance(option, dict)]
    quantity = value.content if isinstance(value.content, dict) else {}
    if codings and not any(quantity.get("code") == one.get("code") and _is_of(quantity, one) for one in codings):
        yield found("FD-ANSWER-UNIT", place)


def _is_of(quantity: Resource, coding: Resource) -> bool:
    return "code" in quantity and quantity.get("system") == coding.get("system")


def _attachment(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    attachment = value.content if isinstance(value.content, dict) else {}
    allowed = [text(said.get("valueCode")) for said in extensions(definition, f"{_BASE}/mimeType")]
    if allowed and attachment.get("contentType") not in allowed:
        yield found("FD-ANSWER-MIME", place, allowed=", ".join(allowed))
    size = number(attachment.get("size")) or Decimal(len(text(attachment.get("data"))) * 3 // 4)
    for said in extensions(definition, f"{_BASE}/maxSize"):
        most = number(said.get("valueDecimal"))
        if most is not None and size > most:
            yield found("FD-ANSWER-SIZE", place, most=f"{most:f}")


def _target(definition: Resource, value: Value, place: str) -> Iterator[Issue]:
    reference = value.content if isinstance(value.content, dict) else {}
    urls = (f"{_BASE}/questionnaire-referenceResource",)
    allowed = [text(said.get("valueCode")) for said in extensions(definition, *urls)]
    steps = text(reference.get("reference")).partition("/_history/")[0].split("/")
    kind = text(reference.get("type")) or (steps[-2] if len(steps) > 1 else "")
    if allowed and kind and kind not in allowed:
        yield found("FD-ANSWER-TARGET", place, allowed=", ".join(allowed))


Rule = Callable[[Resource, Value, str], Iterator[Issue]]
_RULES: dict[str, tuple[Rule, ...]] = {
    "string": (_texts,),
    "uri": (_texts,),
    "integer": (_range,),
    "decimal": (_range, _decimals),
    "date": (_range,),
    "dateTime": (_range,),
    "time": (_range,),
    "Quantity": (_range, _decimals, _units),
    "Attachment": (_attachment,),
    "Reference": (_target,),
}
"""By the type of the answer."""
