"""The commands of the checker: `demo` plays a story, `gen` makes data, `conformance` tests any FHIR server."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from conformance import naming

Target = Annotated[str, typer.Option(help="FHIR 服务器地址 · Base URL of the FHIR server.")]
Token = Annotated[str | None, typer.Option(help="令牌 · Bearer token.")]
TokenFile = Annotated[Path | None, typer.Option(help="存放令牌的文件 · A file that holds it, seen by nobody else.")]
Formats = Annotated[str, typer.Option("--format", help="console, json, junit, html, testreport；可多个 · several: a,b")]
Out = Annotated[Path | None, typer.Option(help="报告文件夹，默认标准输出 · Folder for the files; default: stdout.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="等待应答的最长秒数 · Longest wait for an answer.")]

gen = typer.Typer(help="Make data of invented people. 生成虚构数据。", no_args_is_help=True)

conformance = typer.Typer(help="测试任意 FHIR 服务器 · Test any FHIR server.", no_args_is_help=True)


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
    suite: Annotated[str | None, typer.Argument(help="套件名，默认全部 · One suite; default: all, in short.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="供程序读取 · For programs.")] = False,
) -> None:
    """列出测试套件与检查项 · List the suites, or the checks of one."""
    from conformance.listing import show

    raise typer.Exit(_exit(lambda: show(suite, as_json=as_json)))


@conformance.command("run")
def run_(  # noqa: PLR0913 - one for each option
    suites: Annotated[
        list[str], typer.Argument(help="套件名、all 或 TestScript 文件 · Names, `all`, or TestScripts (.json).")
    ],
    *,
    target: Target,
    preset: Annotated[
        str, typer.Option(help="预设 · What is known of the server: fdgw, hapi, generic, or a file (.toml).")
    ] = "generic",
    token: Token = None,
    token_file: TokenFile = None,
    formats: Formats = "console",
    out: Out = None,
    only: Annotated[
        list[str] | None, typer.Option(help="仅运行 · Id of a check, or a pattern such as 'search-date-*'; repeatable.")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", help="NAME=VALUE，优先于预设 · goes before the preset's; repeatable.")
    ] = None,
    seconds: Seconds = 30.0,
) -> None:
    """对服务器运行测试套件 · Run suites against a server.

    退出码：0 适用的 SHALL 全部通过；1 未全部通过；2 用法错误；4 无法访问目标；5 没有运行任何检查项；130 被中断。

    Exit code: 0 every SHALL that applies passes; 1 not so; 2 usage; 4 no server there; 5 nothing run; 130 interrupted.
    """
    from conformance import presets
    from conformance.command import Wanted, execute

    def run() -> int:
        said = naming.token(token, token_file)
        inputs = dict(naming.pair(one) for one in given or ())
        known = presets.load(preset)
        names = tuple(only or ())
        return execute(Wanted(tuple(suites), target, known, said, _formats(formats, out), out, names, inputs, seconds))

    raise typer.Exit(_exit(run))


@conformance.command("testscript")
def script_(  # noqa: PLR0913 - one for each option
    files: Annotated[list[Path], typer.Argument(help="TestScript 文件 · TestScripts (.json).")],
    *,
    target: Target,
    token: Token = None,
    token_file: TokenFile = None,
    out: Annotated[
        Path | None,
        typer.Option(help="TestReport 的文件夹，默认标准输出 · Folder for the TestReports; default: stdout."),
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", help="NAME=VALUE，脚本变量 · for variables; repeatable.")
    ] = None,
    seconds: Seconds = 30.0,
) -> None:
    """运行 FHIR TestScript，得到逐步的 TestReport · Run TestScripts of others, action by action.

    退出码：0 全部通过；1 未全部通过；2 文件无法运行；4 无法访问目标。

    Exit code: 0 all of them pass; 1 not so; 2 a file that cannot be run; 4 no server there.
    """
    from conformance.scripts import Wanted, execute

    def run() -> int:
        inputs = dict(naming.pair(one) for one in given or ())
        return execute(Wanted(files, target, naming.token(token, token_file), inputs, out, seconds))

    raise typer.Exit(_exit(run))


@conformance.command("show")
def show_(
    report: Annotated[Path, typer.Argument(help="以前运行得到的 report.json · report.json of an earlier run.")],
    *,
    formats: Formats = "console",
    out: Out = None,
) -> None:
    """重新显示报告，并指出是否过期 · Show a report again, and whether the suites have changed since.

    退出码与 run 相同；报告已过期时为 1。

    Exit code: that of the run; 1 for a report that is stale.
    """
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


def _day(given: datetime | None) -> date:
    from profiles.policy import ZONE

    return (given or datetime.now(ZONE)).date()
