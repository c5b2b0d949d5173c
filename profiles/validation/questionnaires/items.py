"""Whether the items of a response are those of its questionnaire, level by level."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.questionnaires import answers, choices
from profiles.validation.questionnaires.enabling import is_enabled
from profiles.validation.questionnaires.form import DEEPEST, Form, extensions, objects, text
from profiles.validation.wordings_answers import found

Placed = tuple[str, Resource]
"""An item of the response with its expression."""

MIN_OCCURS = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs"
MAX_OCCURS = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs"
_STRUCTURE = {"group", "display"}
_WITHOUT_ANSWERS = {"group", "display", "question"}


def level(definition: Resource, holder: Resource, places: tuple[str, ...], form: Form) -> Iterator[Issue]:
    """The items that an object of the response holds, against those that its definition holds.

    `places` are the expressions of the object and of all that it stands in, outermost first.
    """
    if len(places) > DEEPEST:
        return
    definitions = {text(item.get("linkId")): item for _, item in objects(definition.get("item"))}
    given: defaultdict[str, list[Placed]] = defaultdict(list)
    for index, item in objects(holder.get("item")):
        given[text(item.get("linkId"))].append((f"{places[-1]}.item[{index}]", item))
    yield from _unknown(given, definitions, form)
    yield from _disorder(holder, list(definitions), places[-1])
    for link_id, known in definitions.items():
        yield from _item(known, given.get(link_id, []), places, form)


def _unknown(given: dict[str, list[Placed]], definitions: dict[str, Resource], form: Form) -> Iterator[Issue]:
    for link_id, placed in given.items():
        if link_id not in definitions:
            key = "FD-ANSWER-MISPLACED" if link_id in form.link_ids else "FD-ANSWER-UNKNOWN"
            yield from (found(key, f"{place}.linkId") for place, _ in placed)


def _disorder(holder: Resource, link_ids: list[str], place: str) -> Iterator[Issue]:
    positions = {link_id: position for position, link_id in enumerate(link_ids)}
    last = 0
    for index, item in objects(holder.get("item")):
        position = positions.get(text(item.get("linkId")), last)
        if position < last:
            yield found("FD-ANSWER-ORDER", f"{place}.item[{index}]")
        last = max(last, position)


def _item(definition: Resource, given: list[Placed], places: tuple[str, ...], form: Form) -> Iterator[Issue]:
    enabled = is_enabled(definition, places, form)
    if not enabled:
        yield from (found("FD-ANSWER-DISABLED", place) for place, item in given if _is_answered(item))
        return
    if not given and definition.get("required") is True and definition.get("type") != "display":
        yield _missing(f"{places[-1]}.item", form)
    if len(given) > 1 and definition.get("repeats") is not True:
        yield from (found("FD-ANSWER-REPEATED", place) for place, _ in given[1:])
    if given and definition.get("type") == "group":
        yield from _count(definition, len(given), given[0][0], form)
    for place, item in given:
        yield from _content(definition, item, (*places, place), form)


def _is_answered(item: Resource) -> bool:
    """Empty items are how some show what was skipped."""
    return "answer" in item or any(_is_answered(inner) for _, inner in objects(item.get("item")))


def _missing(place: str, form: Form) -> Issue:
    issue = found("FD-ANSWER-REQUIRED", place)
    return issue if form.finished else replace(issue, severity="warning")


def _count(definition: Resource, count: int, place: str, form: Form) -> Iterator[Issue]:
    for limit in extensions(definition, MIN_OCCURS):
        least = limit.get("valueInteger")
        if isinstance(least, int) and count < least:
            issue = found("FD-ANSWER-TOO-FEW", place, least=str(least))
            yield issue if form.finished else replace(issue, severity="warning")
    for limit in extensions(definition, MAX_OCCURS):
        most = limit.get("valueInteger")
        if isinstance(most, int) and count > most:
            yield found("FD-ANSWER-TOO-MANY", place, most=str(most))


def _content(definition: Resource, item: Resource, places: tuple[str, ...], form: Form) -> Iterator[Issue]:
    kind, place = text(definition.get("type")), places[-1]
    if kind in _WITHOUT_ANSWERS and "answer" in item:
        yield found("FD-ANSWER-NOT-ALLOWED", f"{place}.answer", type=kind)
    if kind != "group" and "item" in item:
        yield found("FD-ANSWER-ITEMS", f"{place}.item", type=kind)
    if kind == "group":
        if definition.get("required") is True and not item.get("item"):
            yield _missing(place, form)
        yield from level(definition, item, places, form)
    if kind not in _WITHOUT_ANSWERS:
        yield from _question(definition, item, places, form)


def _question(definition: Resource, item: Resource, places: tuple[str, ...], form: Form) -> Iterator[Issue]:
    given = list(objects(item.get("answer")))
    if not given and definition.get("required") is True:
        yield _missing(f"{places[-1]}.answer", form)
    if len(given) > 1 and definition.get("repeats") is not True:
        yield found("FD-ANSWER-REPEATED", f"{places[-1]}.answer")
    yield from _count(definition, len(given), f"{places[-1]}.answer", form)
    yield from choices.exclusive(definition, [answer for _, answer in given], places[-1])
    for index, answer in given:
        place = f"{places[-1]}.answer[{index}]"
        yield from answers.issues(definition, answer, place, form)
        yield from level(definition, answer, (*places, place), form)
