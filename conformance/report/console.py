"""A report drawn for a terminal, Chinese first."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report.document import Document
from conformance.report.words import VERDICTS, counted, printable, software, titled, verdict

_COLUMNS = ("检查项 check", "强度 strength", "结论 verdict", "说明 what it asks for; what was found")


def show(console: Console, report: Document, stale: list[str]) -> None:
    """What was tested, a row for each check, every request of those that missed something, and the sum."""
    for line in _head(report):
        console.print(line)
    for suite in report["suites"]:
        console.print(_table(suite, [one for one in report["checks"] if one["suite"] == suite["id"]]))
    for check in report["checks"]:
        if check["verdict"] in {"fail", "error"}:
            for line in _evidence(check):
                console.print(line)
    for line in _foot(report, stale):
        console.print(line)


def _head(report: Document) -> Iterator[Text]:
    yield Text(f"目标 target    {report['target']['url']}")
    yield Text(
        f"软件 software  {printable(software(report))}, FHIR {printable(report['target']['fhirVersion']) or '—'}"
    )
    yield Text(f"时间 time      {report['begun']}, {report['seconds']:.1f} s")
    inputs = ", ".join(f"{name}={value}" for name, value in report["inputs"].items())
    yield Text(f"预设 preset    {titled(report['preset'])} ({inputs})")


def _table(suite: Document, checks: list[Document]) -> Table:
    drawn = Table(title=f"{titled(suite)} · {suite['id']} {suite['version']}", title_justify="left")
    for column in _COLUMNS:
        drawn.add_column(column, overflow="fold")
    for check in checks:
        words = Text(titled(check))
        if check["reason"]["zh"]:
            words.append(f"\n→ {titled(check['reason'])}", style=VERDICTS[check["verdict"]][3])
        style = VERDICTS[check["verdict"]][3]
        drawn.add_row(Text(check["id"]), check["strength"], Text(verdict(check["verdict"]), style=style), words)
    return drawn


def _evidence(check: Document) -> Iterator[Text]:
    yield Text(f"✗ {check['id']} · {check['source']}", style="red")
    for one in check["exchanges"]:
        yield Text(printable(f"  {one['request']['line']} → {one['response']['status']}"))
    yield Text(f"  {titled(check['reason'])}", style="red")


def _foot(report: Document, stale: list[str]) -> Iterator[Text]:
    proved = [one for one in report["requirements"] if one["strength"] == "SHALL"]
    passed = sum(one["verdict"] in {"pass", "warning"} for one in proved)
    skipped = sum(one["verdict"] == "skip" for one in proved)
    yield Text(f"SHALL: {passed}/{len(proved)} 项要求通过 requirements pass, {skipped} 项不适用 do not apply")
    yield Text(counted(report), style="red" if report["verdicts"]["fail"] or report["verdicts"]["error"] else "green")
    if report["left"]:
        said = ", ".join(report["left"])
        yield Text(f"目标未能删除的测试数据 test data that the target did not remove: {said}", style="yellow")
    if report["cutShort"]:
        yield Text(titled(report["cutShort"]), style="red")
    for line in staleness(stale):
        yield Text(line, style="yellow")


def staleness(stale: list[str]) -> list[str]:
    """A line where suites have moved since the report was made."""
    if not stale:
        return []
    said = ", ".join(stale)
    return [f"报告已过期：测试套件已变化，请重新运行 The report is stale, these suites have changed, run again: {said}"]
