"""The commands of the checker: `demo` plays a story, `gen` makes data, `conformance` tests any FHIR server."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

gen = typer.Typer(help="Make data of invented people. 生成虚构数据。", no_args_is_help=True)

conformance = typer.Typer(help="Test any FHIR server. 一致性测试。", no_args_is_help=True)


@gen.callback()
def _gen() -> None:
    """Keep `population` a command of its own."""


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story: 0 when all is as it should be.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(resolve_path=True, help="Where to keep the data; loaded once, then kept.")
    ] = None,
    port: Annotated[int, typer.Option(help="FHIR API; any free port where this one is taken.")] = 8080,
    mllp_port: Annotated[int, typer.Option(help="HL7 v2; any free port where this one is taken.")] = 2575,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Start everything, play a hospital admission, show what came of it. 启动全部程序并演示入院消息。"""
    from conformance.demo import Options, run
    from conformance.site import Ports

    raise typer.Exit(run(Options(Ports(port, mllp_port), data_dir, once, as_json)))


@gen.command()
def population(  # noqa: PLR0913 - one for each option
    *,
    patients: Annotated[int, typer.Option(min=1, max=99_000_000, help="How many people.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed and day make the same people.")] = 1,
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: today in China.")] = None,
    out: Annotated[str, typer.Option(help="A new folder, or - for stdout.")] = "-",
    form: Annotated[Literal["ndjson", "bundles"], typer.Option("--format", help="Resources or transactions.")] = (
        "ndjson"
    ),
    to: Annotated[str | None, typer.Option(help="Base URL of a FHIR server to put it on.")] = None,
    token: Annotated[str | None, typer.Option(help="Default: what `fdgw token` prints.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Transactions under way at a time.")] = 4,
) -> None:
    """Make the data of a whole region, about 30 resources a person. 生成一个地区的居民数据。"""
    from conformance.region.generate import Wanted, run

    if to and out != "-":
        raise typer.BadParameter("--out 与 --to 只能选一个 give one of --out and --to", param_hint="--to")
    folder = None if out == "-" else Path(out)
    wanted = Wanted(patients, seed, _day(today), form == "bundles", folder, to, token, parallel)
    raise typer.Exit(run(wanted))


@conformance.command("list")
def list_(
    suite: Annotated[str | None, typer.Argument(help="One suite; default: all of them.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the suites and their checks. 列出测试套件与检查项。"""
    from conformance.listing import show

    raise typer.Exit(_exit(lambda: show(suite, as_json=as_json)))


@conformance.command("run")
def run_(  # noqa: PLR0913 - one for each option
    suites: Annotated[list[str], typer.Argument(help="Names, `all`, or files of TestScripts (.json).")],
    *,
    target: Annotated[str, typer.Option(help="Base URL of the FHIR server.")],
    preset: Annotated[str, typer.Option(help="fdgw, hapi, generic, or a file of your own (.toml).")] = "generic",
    token: Annotated[str | None, typer.Option(help="Bearer token.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file that holds it, seen by nobody else.")] = None,
    formats: Annotated[str, typer.Option("--format", help="console,json,junit,html,testreport")] = "console",
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default: stdout.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Id of a check, or a pattern such as 'search-date-*'.")] = None,
    given: Annotated[list[str] | None, typer.Option("--input", help="NAME=VALUE, over the preset's.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Longest wait for an answer.")] = 30.0,
) -> None:
    """Run suites against a server. 对服务器运行测试套件。

    Exit code 0: every SHALL passes; 1: not; 2: usage; 4: no server there; 5: nothing selected or nothing run.
    """
    from conformance import presets
    from conformance.command import Wanted, execute

    def run() -> int:
        said = _token(token, token_file)
        inputs = dict(_pair(one) for one in given or ())
        known = presets.load(preset)
        names = tuple(only or ())
        return execute(Wanted(tuple(suites), target, known, said, _formats(formats, out), out, names, inputs, seconds))

    raise typer.Exit(_exit(run))


@conformance.command("show")
def show_(
    report: Annotated[Path, typer.Argument(help="report.json of an earlier run.")],
    *,
    formats: Annotated[str, typer.Option("--format", help="console,json,junit,html,testreport")] = "console",
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default: stdout.")] = None,
) -> None:
    """Show a report again, and whether the suites have changed since. 重新显示报告，并指出是否过期。"""
    from conformance.command import again

    raise typer.Exit(_exit(lambda: again(report, _formats(formats, out), out)))


def _exit(command: Callable[[], int]) -> int:
    """2 for what was asked for in the wrong way."""
    try:
        return command()
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _formats(listed: str, out: Path | None) -> tuple[str, ...]:
    from conformance.report.files import FORMATS

    wanted = tuple(dict.fromkeys(one.strip() for one in listed.split(",") if one.strip()))
    if not wanted or not {*wanted} <= {*FORMATS}:
        raise ValueError(f"--format: 可用 there are: {', '.join(FORMATS)}")
    if out is None and len(wanted) > 1:
        raise ValueError("--format: 多种格式需要 --out several formats need --out")
    return wanted


def _token(token: str | None, file: Path | None) -> str | None:
    if token and file:
        raise ValueError("--token 与 --token-file 只能选一个 give one of --token and --token-file")
    return file.read_text("utf-8").strip() if file else token


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not (name and equals):
        raise ValueError("--input 应为 NAME=VALUE must be NAME=VALUE")
    return name, value


def _day(given: datetime | None) -> date:
    from profiles.policy import ZONE

    return (given or datetime.now(ZONE)).date()
