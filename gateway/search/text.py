"""`_text` and `_content`: words looked for in the content itself, without an index. https://hl7.org/fhir/R4/search.html#content"""

from gateway.errors import BadRequest, NotSupported
from gateway.search.context import Context
from gateway.search.terms import LAST, All, Asked, Clause, Condition, any_of, unescape
from profiles import json

_WORDS = 20
"""Of one `_text` or `_content`: each is another reading of the resource."""
DOCUMENT = "nullif(convert_from(x.content, 'UTF8'), '')::jsonb"
"""Null for a deleted resource, which the planner may look at before it asks whether it is one."""


def clause(_: tuple[str, ...], asked: Asked, __: Context) -> Clause:
    """All the words stand in the narrative (`_text`) or anywhere in the content (`_content`): read, not indexed."""
    if asked.modifier:
        raise no_modifier(asked)
    place = "$.text.div" if asked.name.code == "_text" else "strict $.**"
    alternatives = [unescape(value).split() for value in asked.values]
    if sum(map(len, alternatives)) > _WORDS:
        raise BadRequest(
            "FD-SEARCH-MANY",
            f"{asked.name.code} 最多 {_WORDS} 个词。",
            f"{asked.name.code} takes {_WORDS} words at most.",
        )
    return any_of(All(tuple(_word(place, word) for word in words)) for words in alternatives)


def _word(place: str, word: str) -> Condition:
    pattern = json.dumps(word).decode()
    path = f'{place} ? (@.type() == "string" && @ like_regex {pattern} flag "qi")'
    sql = f"jsonb_path_exists({DOCUMENT}, %(path_{{n}})s::jsonpath)"
    return Condition("resource", sql, {"path": path}, rank=LAST)


def no_modifier(asked: Asked) -> NotSupported:
    return NotSupported(
        "FD-SEARCH-MODIFIER",
        f"检索参数 {asked.name.code} 不支持修饰符 :{asked.modifier[:64]}。",
        f"Search parameter {asked.name.code} does not support the modifier :{asked.modifier[:64]}.",
    )
