"""What a report comes to: whether every requirement that a server SHALL meet was proved. https://www.rfc-editor.org/rfc/rfc2119"""

from conformance.report.document import Document

_PROVED, _LEFT_OUT = {"pass", "warning"}, {"skip"}
_RAN = {"pass", "fail", "warning", "error"}


def ran(report: Document) -> bool:
    """Whether any check did."""
    return any(report["verdicts"][name] for name in _RAN)


def proved(report: Document) -> bool:
    """Whether every SHALL passes or does not apply, in a run that came to its end."""
    return ran(report) and not report["cutShort"] and not _counted(report)[1]


def conclusion(report: Document) -> str:
    passed, missed, left_out = _counted(report)
    numbers = (
        f"通过 pass {passed}, 未通过 do not {missed}, 不适用 do not apply {left_out}"
        if missed
        else f"通过 pass {passed}, 不适用 do not apply {left_out}"
    )
    if proved(report):
        return f"✓ 适用的 SHALL 要求全部通过 every SHALL that applies passes: {numbers}"
    if missed and not report["cutShort"]:
        return f"✗ SHALL 要求未全部通过 not every SHALL passes: {numbers}"
    return f"✗ 测试未完成 the run is not complete: {numbers}"


def _counted(report: Document) -> tuple[int, int, int]:
    """SHALL requirements: proved, not proved, that do not apply."""
    verdicts = [one["verdict"] for one in report["requirements"] if one["strength"] == "SHALL"]
    passed, left_out = (sum(one in some for one in verdicts) for some in (_PROVED, _LEFT_OUT))
    return passed, len(verdicts) - passed - left_out, left_out
