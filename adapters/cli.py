"""The commands of the HL7 v2 feed: `hl7v2` runs it, `messages` looks into its inbox, `send` sends messages."""

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import sqlite3

    from adapters.hl7v2.questions import Row

messages = typer.Typer(help="The inbox of the HL7 v2 feed. HL7 v2 收件箱。", no_args_is_help=True)

REFUSED, UNREACHABLE, NOTHING = 1, 4, 5
"""Exit codes."""
_WIDE = 200

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def hl7v2(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="MLLP port, 2575 by default; 0 is any.")] = None,
    status_port: Annotated[int | None, typer.Option(help="Health port, 2576 by default; 0 is any.")] = None,
    gateway: Annotated[str | None, typer.Option(help="Base URL of the gateway's FHIR API.")] = None,
) -> None:
    """Take HL7 v2 messages over MLLP and pass them on to the gateway. 接收 HL7 v2 消息并转发到网关。"""
    from adapters.hl7v2 import app
    from adapters.settings import Settings

    given = {"hl7v2_host": host, "hl7v2_port": port, "hl7v2_status_port": status_port, "gateway_url": gateway}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    settings = Settings(**chosen)

    def announce(feed: app.Feed) -> None:
        print(f"fdgw hl7v2 ready at mllp://{settings.hl7v2_host}:{feed.mllp}")
        print(f"fdgw hl7v2 health at http://{settings.hl7v2_host}:{feed.status}/readyz", flush=True)

    try:
        app.start(settings, announce)
    except OSError as error:
        print(f"cannot listen: {error.strerror} 无法监听", file=sys.stderr)
        raise typer.Exit(UNREACHABLE) from error


@messages.command("list")
def listed(
    state: Annotated[str | None, typer.Option(help="received, forwarded, parked or rejected.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List the latest messages, newest first. 列出最近的消息。"""
    from adapters.hl7v2 import questions
    from adapters.hl7v2.statements import State

    try:
        wanted = None if state is None else State(state)
    except ValueError as error:
        raise typer.BadParameter("received, forwarded, parked or rejected", param_hint="--state") from error
    rows = questions.listed(_inbox(), wanted, limit)
    if as_json:
        _print_json([_summary(row) for row in rows])
    else:
        _print_table([_summary(row) for row in rows])
    if not rows:
        raise typer.Exit(NOTHING)


@messages.command()
def show(seq: int, *, raw: Annotated[bool, typer.Option("--raw", help="The message, byte for byte.")] = False) -> None:
    """Show what is known of one message, as JSON, or the message itself. 查看一条消息。"""
    from adapters.hl7v2 import questions
    from profiles import json

    try:
        row = questions.load(_inbox(), seq)
    except LookupError as error:
        print(f"no message {seq} 没有这条消息", file=sys.stderr)
        raise typer.Exit(NOTHING) from error
    if raw:
        sys.stdout.buffer.write(row.raw)
        return
    kept = {"codec": row.codec, "bytes": len(row.raw), "sha256": row.sha256.hex()}
    said = {"reason": json.loads(row.reason or "null"), "outcome": json.loads(row.outcome or "null")}
    _print_json(_summary(row) | kept | said)


@messages.command()
def replay(
    seq: Annotated[int | None, typer.Argument(help="One message.")] = None,
    *,
    all_parked: Annotated[bool, typer.Option("--all-parked", help="All of unknown persons.")] = False,
    all_rejected: Annotated[bool, typer.Option("--all-rejected", help="All that were refused.")] = False,
) -> None:
    """Forward messages again; a running adapter takes them up within a second. 重新转发消息。"""
    from adapters.hl7v2 import statements
    from adapters.hl7v2.statements import State

    if (seq is not None) + all_parked + all_rejected != 1:
        raise typer.BadParameter("name one message, --all-parked or --all-rejected")
    inbox, now = _inbox(), time.time()
    if seq is not None:
        count = int(statements.replay(inbox, seq, now))
    else:
        count = statements.replay_all(inbox, State.PARKED if all_parked else State.REJECTED, now)
    print(f"{count} to be forwarded again 条消息待重新转发")
    if not count:
        raise typer.Exit(NOTHING)


def send(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="ER7 text or frames.")],
    to: Annotated[str, typer.Option("--to", help="host:port of the listener.")] = "127.0.0.1:2575",
    seconds: Annotated[float, typer.Option(help="How long to wait for each answer.")] = 30,
    *,
    as_json: Json = False,
) -> None:
    """Send messages over MLLP, one after the other, and print the answers. 发送 HL7 v2 消息并显示应答。"""
    from adapters.hl7v2 import senders

    host, _, port = to.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter("host:port", param_hint="--to")
    found = [(file.name, message) for file in files for message in senders.messages(file.read_bytes())]
    if not found:
        print("no message in these files 文件中没有消息", file=sys.stderr)
        raise typer.Exit(NOTHING)
    rows, trouble = asyncio.run(_sent(host, int(port), seconds, found))
    if as_json:
        _print_json(rows)
    elif rows:
        _print_table(rows)
    if trouble:
        print(f"{to}: {trouble}", file=sys.stderr)
        raise typer.Exit(UNREACHABLE)
    if any(row["ack"] not in ("AA", "CA") for row in rows):
        raise typer.Exit(REFUSED)


async def _sent(
    host: str, port: int, seconds: float, found: list[tuple[str, bytes]]
) -> tuple[list[dict[str, Any]], str]:
    """A row for each answer, and what went wrong with the connection."""
    from adapters.hl7v2 import senders

    rows: list[dict[str, Any]] = []
    try:
        async with senders.connected(host, port, seconds) as sender:
            for name, message in found:
                code, control_id, text, _ = await sender.send(message)
                rows.append({"file": name, "control_id": control_id, "ack": code, "text": text})
    except OSError as error:
        return rows, str(error)
    return rows, ""


def _inbox() -> "sqlite3.Connection":
    from adapters.hl7v2 import statements
    from adapters.settings import Settings

    path = Settings().inbox
    if not path.exists():
        print(f"there is no inbox yet at {path} 收件箱尚未建立", file=sys.stderr)
        raise typer.Exit(NOTHING)
    return statements.connect(path)


def _summary(row: "Row") -> dict[str, Any]:
    """What can be told of a message without telling of a person."""
    return {
        "seq": row.seq,
        "received": row.received_at[:19],
        "sender": f"{row.application}/{row.facility}",
        "control_id": row.control_id,
        "type": row.type,
        "ack": row.ack_code,
        "state": row.state,
        "attempts": row.attempts,
        "waiting": row.next_at is not None,
    }


def _print_json(value: object) -> None:
    from profiles import json

    print(json.dumps(value).decode())


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in rows[0] if rows else []:
        table.add_column(name)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
