"""The words for what breaks a profile, in both languages. https://hl7.org/fhir/R4/profiling.html"""

import re
from dataclasses import dataclass

from profiles.r4 import issues
from profiles.r4.issues import Fault, Issue, Severity, Wording, expression, worded


@dataclass(frozen=True, slots=True)
class Told(Fault):
    """A fault that somebody else has put into words, `zh` and `en`: the author of a constraint, or other rules."""

    severity: Severity
    code: str
    below: str = ""
    """The rest of the expression, from the place on."""


def issue(fault: Fault) -> Issue:
    if isinstance(fault, Told):
        zh, en = (str(fault.words[name]) for name in ("zh", "en"))
        where = ".".join(filter(None, (expression(fault.place), fault.below)))
        return Issue(fault.severity, fault.code, where, fault.key, zh, en)
    return worded(fault, WORDINGS)


_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


def shown_url(url: str) -> str:
    """What somebody wrote where a URL belongs, unless it is something else."""
    return url[:300] if _URL.fullmatch(url) else "…"


def severity(fault: Fault) -> Severity:
    return fault.severity if isinstance(fault, Told) else WORDINGS[fault.key].severity


_PROFILE = {
    "FD-TOO-FEW": Wording(
        "required",
        "{name} 至少应有 {least} 个，现有 {count} 个；请补上。",
        "At least {least} of {name} are needed and there are {count}; add what is missing.",
    ),
    "FD-NOT-ALLOWED": Wording(
        "structure",
        "该规范不允许元素 {name}；请删除。",
        "The profile does not allow {name}; remove it.",
    ),
    "FD-REPEATED": Wording(
        "structure",
        "{name} 最多 {most} 个，现有 {count} 个；请减少。",
        "At most {most} of {name} are allowed and there are {count}; remove the others.",
    ),
    "FD-FIXED": Wording(
        "value",
        "值必须正好是 {expected}。",
        "The value must be exactly {expected}.",
    ),
    "FD-PATTERN": Wording(
        "value",
        "值必须包含 {expected}。",
        "The value must have {expected} in it.",
    ),
    "FD-LENGTH": Wording(
        "too-long",
        "最多 {most} 个字符；请缩短。",
        "At most {most} characters are allowed; shorten it.",
    ),
    "FD-RANGE": Wording(
        "value",
        "值{bound} {limit}。",
        "The value must {bound} {limit}.",
    ),
    "FD-TYPE": Wording(
        "structure",
        "该规范在这里不允许 {type}，只允许：{allowed}。",
        "The profile does not allow {type} here; it allows {allowed}.",
    ),
}

_SLICES = {
    "FD-SLICE-REQUIRED": Wording(
        "required",
        "切片 {slice} 至少应有 {least} 个，现有 {count} 个；请补上符合该切片的元素。",
        "At least {least} of slice {slice} are needed and there are {count}; add an element that fits the slice.",
    ),
    "FD-SLICE-REPEATED": Wording(
        "structure",
        "切片 {slice} 最多 {most} 个，现有 {count} 个；请减少。",
        "At most {most} of slice {slice} are allowed and there are {count}; remove the others.",
    ),
    "FD-SLICE-CLOSED": Wording(
        "structure",
        "只允许符合下列切片之一的元素：{slices}；请改正或删除。",
        "Only elements that fit one of these slices are allowed: {slices}; mend it or remove it.",
    ),
    "FD-SLICE-ORDER": Wording(
        "structure",
        "切片 {slice} 的位置不对：切片须按定义的顺序排列，其余元素放在最后。",
        "Slice {slice} is out of order: slices come in the order of the definition, other elements after them.",
    ),
}

_BINDINGS = {
    "FD-BINDING:error": Wording(
        "code-invalid",
        "代码必须取自值集 {values}；请改用其中的代码。",
        "The code must come from value set {values}; use one of its codes.",
    ),
    "FD-BINDING:warning": Wording(
        "code-invalid",
        "值集 {values} 中若有合适的代码，应当使用它。",
        "If value set {values} has a code that fits, that one should be used.",
        "warning",
    ),
    "FD-BINDING:information": Wording(
        "code-invalid",
        "建议使用值集 {values} 中的代码。",
        "A code of value set {values} is preferred.",
        "information",
    ),
    "FD-BINDING-UNKNOWN": Wording(
        "not-supported",
        "无法判断代码是否属于值集 {values}：{unknown} 不在这里。",
        "It cannot be told whether the code is in value set {values}: {unknown} is not here.",
        "warning",
    ),
    "FD-CODE-UNKNOWN": Wording(
        "code-invalid",
        "代码系统 {system} 中没有这个代码；请检查拼写与大小写。",
        "Code system {system} has no such code; check spelling and case.",
    ),
    "FD-CODE-UNKNOWN:grows": Wording(
        "code-invalid",
        "这里的代码系统 {system} 中没有这个代码；它可能属于更新的版本，请核对。",
        "Code system {system} has no such code here; it may be of a later version, compare it.",
        "warning",
    ),
    "FD-CODING-SYSTEM": Wording(
        "value",
        "代码系统应以绝对 URI 表示（如 http://… 或 urn:oid:…）。",
        "A code system is named by an absolute URI, such as http://… or urn:oid:….",
    ),
    "FD-DISPLAY": Wording(
        "business-rule",
        "display 与代码系统 {system} 中该代码的名称不符；请改正或省略。",
        "The display is not what code system {system} calls the code; mend it or leave it out.",
        "warning",
    ),
}

_CONTENTS = {
    "FD-CONTAINED-DUPLICATE": Wording(
        "duplicate",
        "另一个内含资源已有相同的 id；请改用不同的 id。",
        "Another contained resource has the same id; give it one of its own.",
    ),
    "FD-CANONICAL-URL": Wording(
        "value",
        "规范性资源的 url 应为绝对 URI。",
        "The url of a canonical resource is an absolute URI.",
    ),
    "FD-ATTACHMENT-SIZE": Wording(
        "value",
        "size 与 data 的实际字节数不符；请改正或省略。",
        "The size is not the number of bytes in data; mend it or leave it out.",
    ),
}

_REFERENCES = {
    "FD-REFERENCE-PROFILE": Wording(
        "value",
        "所引用的资源不符合要求的规范：{profiles}。",
        "The resource that is referred to does not meet the profile that is asked for: {profiles}.",
    ),
    "FD-PROFILE-NONE": Wording(
        "structure",
        "不符合所要求的任何一个规范：{profiles}。",
        "None of the profiles that are asked for is met: {profiles}.",
    ),
    "FD-PROFILE-UNKNOWN": Wording(
        "not-found",
        "这里没有规范 {profile}，未按它检查。",
        "Profile {profile} is not here, and nothing was checked by it.",
        "warning",
    ),
    "FD-PROFILE-UNKNOWN:unusable": Wording(
        "not-supported",
        "规范 {profile} 的定义有错误，无法使用，未按它检查。",
        "The definition of profile {profile} is faulty, and nothing was checked by it.",
        "warning",
    ),
    "FD-PROFILE-TYPE": Wording(
        "structure",
        "规范 {profile} 用于 {type}，不适用于这种资源；请删除该声明。",
        "Profile {profile} is for {type} and not for a resource of this type; remove the claim.",
    ),
    "FD-INVARIANT-UNDECIDED": Wording(
        "not-supported",
        "无法判断约束 {constraint} 是否成立；请人工核对。",
        "It cannot be told whether constraint {constraint} holds; check it by hand.",
        "warning",
    ),
    "FD-INVARIANT-UNDECIDED:costly": Wording(
        "too-costly",
        "内容过多，无法在合理时间内判断约束 {constraint} 是否成立；请拆分该资源。",
        "There is too much in it to tell in reasonable time whether constraint {constraint} holds; split the resource.",
    ),
    "FD-TOO-COSTLY": Wording(
        "too-costly",
        "按规范 {profiles} 检查所需的工作量过大，未检查完；请简化这些规范，或拆分该资源。",
        "To check by {profiles} takes too much work, and it was not done to the end; make these profiles simpler, or "
        "split the resource.",
        "warning",
    ),
}

_EXTENSIONS = {
    "FD-EXTENSION-UNKNOWN": Wording(
        "not-found",
        "这里没有扩展 {url} 的定义，其内容未检查。",
        "The definition of extension {url} is not here, and its content was not checked.",
        "information",
    ),
    "FD-EXTENSION-UNKNOWN:modifier": Wording(
        "not-found",
        "不认识修饰扩展 {url}：它会改变所在元素的含义，因此不能接受。",
        "Modifier extension {url} is not known: it changes what the element means, so it cannot be accepted.",
    ),
    "FD-EXTENSION-UNKNOWN:nested": Wording(
        "structure",
        "外层扩展的定义中没有子扩展 {url}；请改正 url 或删除。",
        "The outer extension has no {url} in its definition; mend the url or remove it.",
    ),
    "FD-EXTENSION-CONTEXT": Wording(
        "structure",
        "该扩展不能用在这里，只能用在：{allowed}。",
        "The extension is not allowed here; it may be used on {allowed}.",
    ),
    "FD-EXTENSION-CONTEXT:invariant": Wording(
        "structure",
        "该扩展只能用在满足此条件的地方：{invariant}。",
        "The extension is only allowed where this holds: {invariant}.",
    ),
    "FD-EXTENSION-CONTEXT:modifier": Wording(
        "structure",
        "该扩展会改变元素的含义，应放在 modifierExtension 中。",
        "The extension changes what the element means, and belongs in modifierExtension.",
    ),
    "FD-EXTENSION-CONTEXT:plain": Wording(
        "structure",
        "该扩展不改变元素的含义，应放在 extension 中。",
        "The extension does not change what the element means, and belongs in extension.",
    ),
}


def _number(what_zh: str, what_en: str, parts: dict[str, tuple[str, str]]) -> dict[str, Wording]:
    return {part: Wording("value", f"{what_zh}{zh}", f"{what_en} {en}") for part, (zh, en) in parts.items()}


_COMMON = {
    "masked": (
        "被掩码（含 *），无法使用；请填完整号码。",
        "is masked with *, which is of no use; give the whole number.",
    ),
    "placeholder": (
        "是占位数字，不是真实号码；请改正或省略。",
        "is a placeholder and no number; mend it or leave it out.",
    ),
}
_RESIDENT = _COMMON | {
    "length": ("应为 18 位；请检查长度。", "has 18 characters; check its length."),
    "characters": (
        "应为 17 位数字加 1 位数字或大写 X，不含空格。",
        "is 17 digits and then a digit or a capital X, without spaces.",
    ),
    "region": ("的前 6 位不是行政区划代码。", "does not begin with the six digits of a region."),
    "date": ("的第 7 至 14 位不是真实的出生日期。", "has no real birth date in positions 7 to 14."),
    "check": (
        "的第 18 位校验码不对；请核对号码。",
        "has a wrong check character in position 18; compare it with the card.",
    ),
    "legacy": (
        "是有效的 15 位旧号码，须升为 18 位后使用。",
        "is a valid old one of 15 digits, which has to be upgraded to 18.",
    ),
}
_CREDIT = _COMMON | {
    "length": ("应为 18 位；请检查长度。", "has 18 characters; check its length."),
    "characters": (
        "只能用数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位为数字，不含空格。",
        "has digits and capital letters only (no I, O, S, V, Z), digits in positions 3 to 8, and no spaces.",
    ),
    "check": ("的第 18 位校验码不对；请核对。", "has a wrong check character in position 18; compare it."),
}
_RECORD = _COMMON | {
    "length": ("应为 17 位；请检查长度。", "has 17 digits; check its length."),
    "characters": ("只能用数字，不含空格。", "has digits only, and no spaces."),
    "region": ("的前 6 位不是行政区划代码。", "does not begin with the six digits of a region."),
}
_IDENTIFIERS = {
    f"{key}:{part}": wording
    for key, table in (
        ("FD-IDENTIFIER-RESIDENT", _number("公民身份号码", "A resident identity number", _RESIDENT)),
        ("FD-IDENTIFIER-USCC", _number("统一社会信用代码", "A unified social credit code", _CREDIT)),
        ("FD-IDENTIFIER-HEALTH-RECORD", _number("城乡居民健康档案编号", "A health-record number", _RECORD)),
    )
    for part, wording in table.items()
}

WORDINGS = issues.WORDINGS | _PROFILE | _SLICES | _BINDINGS | _CONTENTS | _REFERENCES | _EXTENSIONS | _IDENTIFIERS
"""By key, and what tells wordings of one key apart. None has room for a value of a resource, which may be personal."""
