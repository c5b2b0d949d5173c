"""The story's rows drawn for a terminal, Chinese first."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.story.report import Row

_COLUMNS = (
    "收到 what came in",
    "应答 ACK",
    "网关所为 what the gateway did",
    "何时到期 what is due when",
    "核对 checks",
)


def show(console: Console, rows: Sequence[Row]) -> None:
    """The table, then every expectation that was missed, then the sum."""
    drawn = Table(title="入院消息到家庭医生 A hospital admission reaches the family doctor", show_lines=True)
    drawn.add_column("#", justify="right")
    for column in _COLUMNS:
        drawn.add_column(column, overflow="fold")
    for number, row in enumerate(rows, start=1):
        drawn.add_row(str(number), *_cells(row))
    console.print(drawn)
    for line in _missed(rows):
        console.print(line)
    console.print(_sum(rows))


def _cells(row: Row) -> Iterator[Text]:
    yield Text(f"{row.who} {row.event} {row.charset}\n{row.note}")
    yield Text(row.ack)
    yield Text("\n".join(row.made))
    yield Text("\n".join(f"{due.at} {due.title}: {due.state}" for due in row.due))
    met = len(row.checks) - len(row.missed)
    yield Text(f"{'✗' if row.missed else '✓'} {met}/{len(row.checks)}", style="red" if row.missed else "green")


def _missed(rows: Sequence[Row]) -> Iterator[Text]:
    for number, row in enumerate(rows, start=1):
        for check in row.missed:
            words = f"✗ {number} {check.name}: 应为 expected {check.expected}; 实为 found {check.found}"
            yield Text(words, style="red")


def _sum(rows: Sequence[Row]) -> Text:
    total = sum(len(row.checks) for row in rows)
    missed = sum(len(row.missed) for row in rows)
    words = f"{len(rows)} 条消息 messages, {total} 项核对 checks, {missed} 项不符 missed"
    return Text(words, style="red" if missed else "green")
