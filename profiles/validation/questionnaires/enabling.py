"""Whether an item is enabled by the answers to others. https://hl7.org/fhir/R4/questionnaire.html#enableWhen"""

from collections.abc import Callable

from profiles.json import Resource
from profiles.validation.questionnaires.form import Form, objects, text
from profiles.validation.questionnaires.values import Order, Value, order, same, value_of


def is_enabled(definition: Resource, places: tuple[str, ...], form: Form) -> bool:
    """`places` are the expressions of what the item stands in, outermost first."""
    holds = [_holds(condition, places, form) for _, condition in objects(definition.get("enableWhen"))]
    if not holds:
        return True
    return all(holds) if definition.get("enableBehavior") == "all" else any(holds)


def _holds(condition: Resource, places: tuple[str, ...], form: Form) -> bool:
    expected = value_of(condition, "answer")
    answers = _answers(text(condition.get("question")), places, form)
    if expected is None:
        return True
    operator = text(condition.get("operator"))
    if operator == "exists":
        return bool(answers) is expected.content
    if operator == "!=":
        return not any(same(answer, expected) for answer in answers)
    test = _TESTS.get(operator)
    return test is None or any(test(answer, expected) for answer in answers)


def _answers(link_id: str, places: tuple[str, ...], form: Form) -> list[Value]:
    """Those that stand nearest: in a group that repeats, of the same repetition."""
    items = next((found for place in reversed(places) if (found := form.below.get((place, link_id)))), [])
    answers = [answer for item in items for _, answer in objects(item.get("answer"))]
    return [value for answer in answers if (value := value_of(answer))]


def _ordered(*wanted: Order) -> Callable[[Value, Value], bool]:
    return lambda answer, expected: order(answer, expected) in wanted


_TESTS: dict[str, Callable[[Value, Value], bool]] = {
    "=": same,
    ">": _ordered(1),
    "<": _ordered(-1),
    ">=": _ordered(0, 1),
    "<=": _ordered(-1, 0),
}
