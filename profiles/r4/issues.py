"""What the validator finds, and the words for it in both languages. https://hl7.org/fhir/R4/operationoutcome.html"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Place = tuple["Place | None", str, int, int]
"""Where a value stands: the place of its parent, the element, its index (-1 when not in a list), the depth."""

Word = str | tuple[str, str]
"""The same in both languages, or (Chinese, English)."""

Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Issue:
    severity: Severity
    code: str
    """https://hl7.org/fhir/R4/valueset-issue-type.html"""
    expression: str
    """FHIRPath of the element, such as `Patient.name[0].given[1]`; a choice goes by `value`, not `valueQuantity`."""
    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An issue before it is worded: most resources have none, so nothing is spelled out until one is found."""

    place: Place
    key: str
    words: dict[str, Word]


class EnoughError(Exception):
    """As many faults as anybody wants to read have been found."""


class Faults(list[Fault]):
    """A list that lets in so many and no more, so that a hostile resource cannot make its checking long."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def append(self, fault: Fault) -> None:
        if len(self) == self.most:
            raise EnoughError
        super().append(fault)


@dataclass(frozen=True, slots=True)
class Wording:
    code: str
    zh: str
    en: str
    severity: Severity = "error"


def issue(fault: Fault) -> Issue:
    return worded(fault, WORDINGS)


def worded(fault: Fault, wordings: Mapping[str, Wording]) -> Issue:
    """The issue of a fault, by a table of wordings; what is behind a `:` tells wordings of one key apart."""
    wording = wordings[fault.key]
    zh = wording.zh.format_map({name: _in(0, word) for name, word in fault.words.items()})
    en = wording.en.format_map({name: _in(1, word) for name, word in fault.words.items()})
    return Issue(wording.severity, wording.code, expression(fault.place), fault.key.partition(":")[0], zh, en)


def _in(language: int, word: Word) -> str:
    return word if isinstance(word, str) else word[language]


def expression(place: Place) -> str:
    steps: list[str] = []
    parent: Place | None = place
    while parent:
        parent, element, index, _ = parent
        steps.append(element if index < 0 else f"{element}[{index}]")
    return ".".join(reversed(steps))


def nearest(name: str, known: list[str]) -> Word:
    """A half sentence that names what was probably meant; empty when nothing is near."""
    found = get_close_matches(name, known, 1) or [one for one in known if one.lower() == name.lower()]
    return (f"是否指 {found[0]}？", f" Did you mean {found[0]}?") if found else ""


def listing(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


WORDINGS = {
    "FD-NOT-RESOURCE": Wording(
        "structure",
        "这里应为一个资源：带 resourceType 的 JSON 对象。",
        "A resource is expected here: a JSON object with a resourceType.",
    ),
    "FD-UNKNOWN-RESOURCE-TYPE": Wording(
        "structure",
        "resourceType 不是 FHIR R4 (4.0.1) 的资源类型。{nearest}",
        "The resourceType is not a resource type of FHIR R4 (4.0.1).{nearest}",
    ),
    "FD-UNKNOWN-ELEMENT": Wording(
        "structure",
        "FHIR R4 的 {type} 没有元素 {name}。{nearest}请改名、删除或改用扩展 (extension)。",
        "{type} in FHIR R4 has no element {name}.{nearest} Rename it, remove it or use an extension.",
    ),
    "FD-CHOICE-TYPE": Wording(
        "structure",
        "{name} 不是 {choice}[x] 允许的类型，请改用：{allowed}。",
        "{name} is not a type that {choice}[x] allows; use one of {allowed}.",
    ),
    "FD-CHOICE-SEVERAL": Wording(
        "structure",
        "{choice}[x] 只能出现一个，现有 {found}；请只保留一个。",
        "Only one {choice}[x] is allowed and there are {found}; keep one.",
    ),
    "FD-REQUIRED": Wording(
        "required",
        "缺少必填元素 {name}，请补上。",
        "The required element {name} is missing; add it.",
    ),
    "FD-ARRAY-EXPECTED": Wording(
        "structure",
        "{name} 可重复，应写成 JSON 数组：{name}: [ … ]。",
        "{name} can repeat and is written as a JSON array: {name}: [ … ].",
    ),
    "FD-SINGLE-EXPECTED": Wording(
        "structure",
        "{name} 最多一个，应直接写值，不用数组。",
        "{name} occurs once at most: write the value itself, not an array.",
    ),
    "FD-WRONG-TYPE": Wording(
        "structure",
        "应为 {type}（JSON {expected}），收到的是 {came}。",
        "Expected {type} (a JSON {expected}), got {came}.",
    ),
    "FD-NULL": Wording(
        "structure",
        "不允许 null：没有值时请省略；基本类型数组中的 null 须在 _ 同名数组的同一位置有扩展。",
        "null is not allowed: leave it out; in an array of primitives it needs an extension at the same position of "
        "the array named with _.",
    ),
    "FD-EMPTY-ARRAY": Wording(
        "structure",
        "不允许空数组，请省略该元素。",
        "An empty array is not allowed; leave the element out.",
    ),
    "FD-EMPTY-OBJECT": Wording(
        "structure",
        "元素没有内容（空对象或只有 id），请省略或补上内容。",
        "The element has no content (an empty object, or only an id); leave it out or fill it in.",
    ),
    "FD-EMPTY-STRING": Wording(
        "value",
        "不允许空字符串，请省略该元素。",
        "An empty string is not allowed; leave the element out.",
    ),
    "FD-BLANK-STRING": Wording(
        "value",
        "字符串只有空白，等同于没有值；请省略该元素。",
        "The string is only white space, which says nothing; leave the element out.",
        "warning",
    ),
    "FD-CONTROL-CHARACTER": Wording(
        "value",
        "含有控制字符（换行、回车、制表符除外）或不完整的字符，请去掉。",
        "There is a control character (other than tab, line feed, carriage return) or a broken character; remove it.",
    ),
    "FD-TOO-LONG": Wording("too-long", "字符串超过 1 MB，请缩短。", "The string is longer than 1 MB; shorten it."),
    "FD-FORMAT": Wording("value", "不是有效的 {type}；应为{form}。", "Not a valid {type}; expected {form}."),
    "FD-SIBLING-LENGTH": Wording(
        "structure",
        "{name} 与 _{name} 的长度必须相同，缺的位置用 null 补齐。",
        "{name} and _{name} must have the same length; pad with null.",
    ),
    "FD-CODE": Wording(
        "code-invalid",
        "代码不在必须使用的值集 {values} 中；可用：{allowed}。",
        "The code is not in the required value set {values}; use one of {allowed}.",
    ),
    "FD-EXTENSION-VALUE": Wording(
        "invariant",
        "扩展要么有 value[x]，要么有嵌套的 extension，必须且只能有其一。",
        "An extension has either a value[x] or nested extensions: exactly one of the two.",
    ),
    "FD-CONTAINED-ID": Wording(
        "invariant",
        "内含资源必须有 id，才能用 #id 引用；请补上。",
        "A contained resource needs an id to be referred to as #id; add one.",
    ),
    "FD-CONTAINED-NESTED": Wording(
        "invariant",
        "内含资源里不能再有 contained，请移到外层资源的 contained 中。",
        "A contained resource cannot contain others; move them to the contained of the outer resource.",
    ),
    "FD-REFERENCE-FORM": Wording(
        "value",
        "引用应为 资源类型/id、以 /资源类型/id 结尾的绝对 URL、#id、urn:uuid:… 或 资源类型?条件，"
        "且资源类型须属 FHIR R4。",
        "A reference is Type/id, an absolute URL ending in /Type/id, #id, urn:uuid:… or Type?criteria, "
        "with a resource type of FHIR R4.",
    ),
    "FD-REFERENCE-TARGET": Wording(
        "value",
        "这里不能引用 {type}，只能引用：{allowed}。",
        "A reference to {type} is not allowed here; it may lead to {allowed}.",
    ),
    "FD-TOO-DEEP": Wording(
        "structure",
        "嵌套超过 {most} 层，更深处未检查；请减少嵌套。",
        "Nested deeper than {most} levels, and not checked further down; nest less.",
    ),
    "FD-TOO-MANY": Wording(
        "too-costly",
        "问题超过 {most} 个，其余未列出；请先修正已列出的。",
        "More than {most} issues, and the others are not listed; mend these first.",
        "warning",
    ),
}
"""By key. No wording has room for a value, which may be personal: only for names, types, codes and forms."""
