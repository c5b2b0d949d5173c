"""Why a question of terminology cannot be answered, in Chinese and English."""


class Fault(Exception):
    """The root; the texts name systems and value sets, never the code that was asked for."""

    key = "FD-TERMINOLOGY"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class NotKnown(Fault):
    """A system, value set, map or code that is not here."""

    key = "FD-TERMINOLOGY-UNKNOWN"


class NotListed(Fault):
    """A value set that cannot be written out: it is of a system that is not here, or it is too long."""

    key = "FD-TERMINOLOGY-TOO-COSTLY"


class Invalid(Fault):
    """A definition or a question that makes no sense."""

    key = "FD-TERMINOLOGY-INVALID"


def no_system(url: str) -> NotKnown:
    return NotKnown(
        f"这里没有代码系统 {url} 的内容;可先保存一个 content 为 complete 或 fragment 的 CodeSystem。",
        f"The content of code system {url} is not here; store a CodeSystem with content complete or fragment first.",
    )


def no_value_set(url: str) -> NotKnown:
    return NotKnown(
        f"没有值集 {url};请检查 url 与版本,或先保存该 ValueSet。",
        f"There is no value set {url}; check url and version, or store the ValueSet first.",
    )


def no_concept_map(url: str) -> NotKnown:
    return NotKnown(
        f"没有概念映射 {url};请检查 url 与版本,或先保存该 ConceptMap。",
        f"There is no concept map {url}; check url and version, or store the ConceptMap first.",
    )


def no_code(url: str) -> NotKnown:
    return NotKnown(
        f"代码系统 {url} 中没有这个代码;请检查拼写与大小写。",
        f"Code system {url} has no such code; check spelling and case.",
    )
