"""Whether an answer is of the type that the questionnaire asks for. https://hl7.org/fhir/R4/questionnaireresponse.html#link"""

from collections.abc import Iterator

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.questionnaires import choices, limits
from profiles.validation.questionnaires.form import Form, text
from profiles.validation.questionnaires.values import value_of
from profiles.validation.wordings_answers import found

_CHOICES = ("Coding", "string", "integer", "date", "time", "Reference")
TYPES: dict[str, tuple[str, ...]] = {
    "boolean": ("boolean",),
    "decimal": ("decimal",),
    "integer": ("integer",),
    "date": ("date",),
    "dateTime": ("dateTime",),
    "time": ("time",),
    "string": ("string",),
    "text": ("string",),
    "url": ("uri",),
    "choice": _CHOICES,
    "open-choice": _CHOICES,
    "attachment": ("Attachment",),
    "reference": ("Reference",),
    "quantity": ("Quantity",),
}
"""Of what types an answer may be, by the type of the item."""


def issues(definition: Resource, answer: Resource, place: str, form: Form) -> Iterator[Issue]:
    value, kind = value_of(answer), text(definition.get("type"))
    if value is None or kind not in TYPES:
        return
    place = f"{place}.value"
    if value.type not in TYPES[kind]:
        yield found("FD-ANSWER-TYPE", place, type=kind, allowed=", ".join(TYPES[kind]))
        return
    yield from choices.issues(definition, value, place, form)
    yield from limits.issues(definition, value, place)
