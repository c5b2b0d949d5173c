"""The words and marks that the formats of a report share, Chinese first."""

import re

from conformance.report.document import Document

_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML and terminals do not take."""
VERDICTS = {
    "pass": ("✓", "通过", "pass", "green"),
    "fail": ("✗", "失败", "fail", "red"),
    "warning": ("!", "警告", "warning", "yellow"),
    "skip": ("–", "跳过", "skip", "cyan"),
    "not-run": ("○", "未运行", "not run", "magenta"),
    "error": ("?", "出错", "error", "red"),
}
"""Mark, Chinese, English, colour."""


def titled(one: Document) -> str:
    """A TestScript speaks one language."""
    return one["zh"] if one["zh"] == one["en"] else f"{one['zh']} {one['en']}"


def verdict(name: str) -> str:
    mark, zh, en, _ = VERDICTS[name]
    return f"{mark} {zh} {en}"


def counted(report: Document) -> str:
    found = [(name, count) for name, count in report["verdicts"].items() if count]
    return " · ".join(f"{VERDICTS[name][1]} {VERDICTS[name][2]} {count}" for name, count in found)


def software(report: Document) -> str:
    target = report["target"]
    return f"{target['software']} {target['version']}".strip() or "—"


def printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)
