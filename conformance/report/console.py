"""A report drawn for a terminal, Chinese first: the sums, then all that did not pass."""

from collections.abc import Iterable, Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report.conclusion import conclusion, proved
from conformance.report.document import Document
from conformance.report.words import VERDICTS, counted, printable, software, titled, verdict

_FAILED = {"fail", "error"}
_NAMED = 3
"""Checks that are named of those of which the same is to be said."""
_REQUESTS = 5
"""The last ones of a check that failed; the files have all."""


def show(console: Console, report: Document, stale: list[str]) -> None:
    """What was tested, a row for each suite, all that did not pass with the requests of what failed, and the sum."""
    for line in _head(report):
        console.print(line)
    console.print(_suites(report))
    failed = [one for one in report["checks"] if one["verdict"] in _FAILED]
    others = [one for one in report["checks"] if one["verdict"] not in {*_FAILED, "pass"}]
    if others:
        console.print(_others(others))
    for check in failed:
        for line in _evidence(check):
            console.print(line)
    for line in _foot(report, stale):
        console.print(line)


def _head(report: Document) -> Iterator[Text]:
    target = report["target"]
    yield Text(f"目标 target    {target['url']}")
    yield Text(f"软件 software  {printable(software(report))}, FHIR {printable(target['fhirVersion']) or '—'}")
    yield Text(f"时间 time      {report['begun']}, {report['seconds']:.1f} s")
    yield Text(f"预设 preset    {titled(report['preset'])} ({report['preset']['name']})")
    inputs = ", ".join(f"{name}={value}" for name, value in report["inputs"].items())
    yield Text(f"输入 inputs    {printable(inputs) or '—'}")


def _suites(report: Document) -> Table:
    drawn = Table(box=SIMPLE_HEAD)
    drawn.add_column("套件\nsuite", overflow="fold")
    drawn.add_column("版本\nversion", overflow="fold")
    for _, zh, en, _ in VERDICTS.values():
        drawn.add_column(f"{zh}\n{en}", justify="right")
    for suite in report["suites"]:
        found = [one["verdict"] for one in report["checks"] if one["suite"] == suite["id"]]
        numbers = (Text(str(found.count(name) or ""), style=VERDICTS[name][3]) for name in VERDICTS)
        drawn.add_row(Text(suite["id"]), suite["version"], *numbers)
    return drawn


def _others(checks: Iterable[Document]) -> Table:
    """A row for each, one for all those that were left out for the same reason."""
    drawn = Table()
    for column in ("检查项 check", "结论 verdict", "要求与说明 what it asks for → what was found"):
        drawn.add_column(column, overflow="fold")
    grouped: dict[object, list[Document]] = {}
    for check in checks:
        grouped.setdefault(_reason(check), []).append(check)
    for found in grouped.values():
        first = found[0]
        style = VERDICTS[first["verdict"]][3]
        words = Text(printable(titled(first)) if len(found) == 1 else "")
        words.append(printable(f"\n→ {titled(first['reason'])}".lstrip("\n" if not words else "")), style=style)
        drawn.add_row(_names(found), Text(f"{verdict(first['verdict'])}\n{first['strength']}", style=style), words)
    return drawn


def _reason(check: Document) -> object:
    ran = check["verdict"] not in {"skip", "not-run"}
    return check["id"] if ran else (check["verdict"], check["strength"], check["reason"]["en"])


def _names(checks: list[Document]) -> Text:
    named = [one["id"] for one in checks[:_NAMED]]
    if len(checks) > _NAMED:
        named.append(f"… 共 {len(checks)} in all")
    return Text("\n".join(named))


def _evidence(check: Document) -> Iterator[Text]:
    mark = VERDICTS[check["verdict"]][0]
    yield Text(f"{mark} {check['id']} · {check['strength']} · {check['source']}", style="red")
    yield Text(printable(f"  {titled(check)}"))
    exchanges = check["exchanges"]
    if len(exchanges) > _REQUESTS:
        yield Text(f"  … {len(exchanges) - _REQUESTS} 个更早的请求 earlier requests")
    for one in exchanges[-_REQUESTS:]:
        yield Text(printable(f"  {one['request']['line']} → {one['response']['status'] or '…'}"))
    yield Text(printable(f"  → {titled(check['reason'])}"), style="red")


def _foot(report: Document, stale: list[str]) -> Iterator[Text]:
    yield Text(counted(report))
    yield Text(conclusion(report), style="green" if proved(report) else "red")
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
