"""What the rules of one response share: the questionnaire, the terminology, and where the answers to a question are."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from profiles.json import Resource
from profiles.terminology import Terminology

_FINISHED = {"completed", "amended"}


@dataclass(frozen=True, slots=True)
class Form:
    questionnaire: Resource
    terminology: Terminology
    finished: bool
    """Nothing that is required is still to come."""
    link_ids: frozenset[str]
    """Of every item of the questionnaire."""
    below: dict[tuple[str, str], list[Resource]]
    """(expression of an item of the response, linkId) → the items below it with that linkId."""

    def value_set(self, url: str) -> str | Resource:
        """What `answerValueSet` means: a contained resource (`#id`), or the canonical URL itself."""
        contained = objects(self.questionnaire.get("contained"))
        return next((one for _, one in contained if f"#{one.get('id')}" == url), url)


def form(response: Resource, questionnaire: Resource, terminology: Terminology) -> Form:
    link_ids = frozenset(text(item.get("linkId")) for item in _definitions(questionnaire))
    finished = response.get("status") in _FINISHED
    return Form(questionnaire, terminology, finished, link_ids, _below(response))


def _definitions(questionnaire: Resource) -> Iterator[Resource]:
    left = [questionnaire]
    while left:
        inner = [item for _, item in objects(left.pop().get("item"))]
        yield from inner
        left += inner


def _below(response: Resource) -> dict[tuple[str, str], list[Resource]]:
    found: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
    left: list[tuple[Resource, str, tuple[str, ...]]] = [(response, ROOT, ())]
    while left:
        holder, place, above = left.pop()
        above = (*above, place)[-DEEPEST:]
        for index, item in objects(holder.get("item")):
            for ancestor in above:
                found[ancestor, text(item.get("linkId"))].append(item)
            left.append((item, f"{place}.item[{index}]", above))
        left += [(answer, f"{place}.answer[{index}]", above) for index, answer in objects(holder.get("answer"))]
    return found


ROOT = "QuestionnaireResponse"
DEEPEST = 32
"""Levels of items that are looked at; whoever nests deeper is told so by the check of the structure."""


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def objects(value: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of an array, with their index."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item


def extensions(item: Resource, *urls: str) -> list[dict[str, Any]]:
    return [one for _, one in objects(item.get("extension")) if one.get("url") in urls]
