"""The command of the checker: `demo`."""

from pathlib import Path
from typing import Annotated

import typer


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
