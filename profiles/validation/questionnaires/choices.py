"""Whether an answer is among those that the questionnaire lists. https://hl7.org/fhir/R4/questionnaire.html#answers"""

from collections.abc import Iterator

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.terminology import Claim, Fault
from profiles.validation.questionnaires.form import Form, extensions, objects, text
from profiles.validation.questionnaires.values import Value, same, value_of
from profiles.validation.wordings_answers import found

EXCLUSIVE = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
UNITS = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet"


def issues(definition: Resource, value: Value, place: str, form: Form) -> Iterator[Issue]:
    if definition.get("type") == "open-choice" and value.type == "string":
        return
    options = [option for _, one in objects(definition.get("answerOption")) if (option := value_of(one))]
    if options and not any(same(value, option) for option in options):
        yield found("FD-ANSWER-OPTION", place)
    url = text(definition.get("answerValueSet"))
    if url and value.type in {"Coding", "string"}:
        yield from _in_value_set("FD-ANSWER-VALUE-SET", value, url, place, form)
    for said in extensions(definition, UNITS) if value.type == "Quantity" else ():
        yield from _in_value_set("FD-ANSWER-UNIT", value, text(said.get("valueCanonical")), place, form)


def _in_value_set(key: str, value: Value, url: str, place: str, form: Form) -> Iterator[Issue]:
    """A string is taken as a code, whatever its system."""
    coding = value.content if isinstance(value.content, dict) else {"code": value.content}
    system = coding.get("system")
    claim = Claim(text(coding.get("code")), system if isinstance(system, str) else None, abstract=True)
    try:
        valid = form.terminology.validate_code(claim, form.value_set(url)).valid
    except Fault:
        valid = None
    if valid is None:
        yield found("FD-ANSWER-UNDECIDED", place, values=url)
    elif not valid:
        yield found(key, place, values=url)


def exclusive(definition: Resource, given: list[Resource], place: str) -> Iterator[Issue]:
    alone = [
        option
        for _, one in objects(definition.get("answerOption"))
        if any(said.get("valueBoolean") is True for said in extensions(one, EXCLUSIVE)) and (option := value_of(one))
    ]
    values = [value for answer in given if (value := value_of(answer))]
    if len(values) > 1 and any(same(value, option) for value in values for option in alone):
        yield found("FD-ANSWER-EXCLUSIVE", f"{place}.answer")
