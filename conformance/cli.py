"""The commands of the checker: `demo` plays a story, `gen` makes data for load tests and indicators."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

gen = typer.Typer(help="Make data of invented people. 生成虚构数据。", no_args_is_help=True)


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


def _day(given: datetime | None) -> date:
    from profiles.policy import ZONE

    return (given or datetime.now(ZONE)).date()
