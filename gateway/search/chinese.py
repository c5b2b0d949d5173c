"""Texts as people search them, Chinese names above all: folded, romanised, ordered. https://hl7.org/fhir/R4/search.html#string

A form is found by its beginning, so the forms to index are few: for 张三 they are 张三, 三, zhangsan, sanzhang and zs.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import reduce
from itertools import pairwise

from gateway.search.han import reading, tables
from profiles.json import Resource

_PLAIN = "〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002f7ff\U00030000-\U000323af"
"""Han characters without compatibility forms, on which Unicode's normalisation has nothing to do."""
_HAN = f"{_PLAIN}\ufa0e-\ufa29"
_DOTS = "·•‧∙⋅・."
"""What is written between the parts of a transliterated name: 阿卜杜·示例."""
_only_plain = re.compile(f"[{_PLAIN}]*").fullmatch
_any_han = re.compile(f"[{_HAN}]").search
_dotted = re.compile(f"[{_HAN}]\\s*[{_DOTS}]\\s*[{_HAN}]").search
_gap = re.compile(f"(?<=[{_HAN}])[\\s{_DOTS}]+|[\\s{_DOTS}]+(?=[{_HAN}])")
_tokens = re.compile(f"[{_HAN}]|[^\\W_{_HAN}]+").findall
_between_words = re.compile(r"\W+")
_umlaut = re.compile(r"(?<=[ln])v|(?<=l)yu|(?<=\bn)yu")
"""lü and nü as keyboards (lv) and passports (lyu) have them."""
_invisible = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")

_MOST_TOKENS = 32
"""What is read of a text: no name is longer, and nobody types so much pinyin."""
_MOST_CHARACTERS = 200
"""Of a form, and of what is searched: a B-tree row has room for no more."""
_BEFORE_HAN = "~"
"""The last of ASCII: digits and letters sort before it, all else that is not read after it."""


def fold(text: str) -> str:
    """Equal for what is the same to a reader: case, accents, width, white space, traditional and variant characters.

    White space and dots next to a Han character vanish: 张 三 is 张三, and 阿卜杜·示例 is found without its dot.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    if _only_plain(text):
        return text.translate(tables.simplified())
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    seen = unicodedata.normalize("NFC", _invisible.sub("", bare)).translate(tables.simplified())
    return " ".join(_gap.sub("", seen.casefold()).split())


def query(text: str) -> list[str]:
    """The folded forms to look up by prefix: `Zhang San` → `zhang san`, `zhangsan`; `lvbu` → also `lubu`."""
    folded = fold(text)
    if _any_han(folded):
        return [folded[:_MOST_CHARACTERS]]
    forms = (folded, _joined(folded), _joined(_umlaut.sub("u", folded)))
    return list(dict.fromkeys(form[:_MOST_CHARACTERS] for form in forms if form)) or [folded]


def romanised(text: str, *, surname: bool) -> frozenset[str]:
    """Pinyin without tones and spaces, and its initials: zhangsan, zs; nothing for a text without Han characters.

    A text that starts with a surname is read so (单 shàn), and has the given name first too: sanzhang. Where a
    character is read in two ways there are forms for both, once in a text: at most six forms, of 200 characters.
    """
    folded = fold(text)
    if not _any_han(folded):
        return frozenset()
    tokens = _tokens(folded)
    return frozenset(_without_prefixes(_spelled(tokens, reading.surname(tokens) if surname else 0)))


def sort_key(text: str, *, surname: bool) -> str:
    """What an ascending `_sort` compares by code point (`COLLATE "C"`): a text's beginning is its key's beginning.

    Digits and Latin letters come first, then Chinese, then other scripts. Han characters go by syllable, tone, code
    point, each before the next: all 张 stay together, before all 章, as in a Chinese dictionary.
    """
    characters = list(fold(text)[:_MOST_TOKENS])
    syllables = reading.usual(characters, reading.surname(characters) if surname else 0)
    return "".join(
        character if character == syllable else f"{_BEFORE_HAN}{syllable}{character}"
        for character, syllable in zip(characters, syllables, strict=True)
    )


# HumanName


def texts(human_name: Resource) -> list[str]:
    """As written, each part: what `:exact` and `:contains` compare."""
    found = [human_name.get("text"), human_name.get("family")]
    for part in ("given", "prefix", "suffix"):
        found += human_name.get(part, ())
    return [text for text in found if text]


def full(human_name: Resource) -> str:
    """Family and given, else the text: what to sort by. `fold` puts the parts of a Chinese name together."""
    family, given = human_name.get("family") or "", [one for one in human_name.get("given", ()) if one]
    if family and given:
        return " ".join([family, *given])
    return human_name.get("text") or family or " ".join(given)


def name_forms(human_name: Resource) -> frozenset[str]:
    """Every form by which the name is found, folded; none that is only the beginning of another.

    The surname is `family`, or what `text` starts with, if no dot tells that it is transliterated.
    """
    family, text = fold(human_name.get("family") or ""), fold(human_name.get("text") or "")
    each = [fold(one) for one in human_name.get("given", ()) if one]
    given = reduce(_together, each, "")
    whole = _together(family, given)
    forms = {text, family, *each, *_titles(human_name)}
    if family and given:
        forms |= _forms(whole, len(_tokens(family)))
    elif whole and not text:
        forms |= romanised(whole, surname=bool(family))
    if text and text != whole:
        forms |= _forms(text, 0 if _dotted(human_name["text"]) else None)
    return frozenset(_without_prefixes(forms))


def _titles(human_name: Resource) -> set[str]:
    return {fold(one) for part in ("prefix", "suffix") if part in human_name for one in human_name[part] if one}


def _together(one: str, other: str) -> str:
    """Folded parts, put together as `fold` would."""
    if not (one and other):
        return one or other
    return f"{one}{other}" if _any_han(one[-1] + other[0]) else f"{one} {other}"


def _forms(whole: str, split: int | None) -> set[str]:
    """Of a full name: itself, what follows the surname, and both spelled; a Latin one without its spaces."""
    tokens = _tokens(whole)
    if split is None:
        split = reading.surname(tokens)
    if _any_han(whole):
        return {whole, "".join(tokens[split:])} | _spelled(tokens, split)
    return {"".join(tokens), "".join(tokens[split:] + tokens[:split])}


def _spelled(tokens: list[str], split: int) -> set[str]:
    """The surname is the first `split` tokens."""
    forms = set()
    for syllables in reading.ways(tokens[:_MOST_TOKENS], split):
        forms.add("".join(syllables))
        forms.add("".join(syllables[split:] + syllables[:split]))
        forms.add("".join([syllable[0] for syllable in syllables]))
    return forms


def _joined(folded: str) -> str:
    return _between_words.sub("", folded)


def _without_prefixes(forms: Iterable[str]) -> list[str]:
    """Sorted, a form is followed by one that it begins, if there is any."""
    ordered = [*sorted({form[:_MOST_CHARACTERS] for form in forms}), ""]
    return [one for one, following in pairwise(ordered) if one and not following.startswith(one)]
