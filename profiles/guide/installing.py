"""`fdgw ig install`: reads a package, puts it on a server, prints what became of each resource."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import typer

from profiles import http, json
from profiles.guide import archive, install
from profiles.guide.install import Row
from profiles.validation import shipped

_WORDS = {
    "created": "新建 created",
    "updated": "更新 updated",
    "unchanged": "无变化 unchanged",
    "refused": "拒绝 refused",
    "left out": "略过 left out",
}


async def run(package: Path, to: str, token: str, *, as_json: bool) -> int:
    """0: all of it is there; 1: something was refused; 2: no package; 4: no server there."""
    try:
        found = archive.read(package)
    except archive.PackageError as error:
        typer.echo(error, err=True)
        return 2
    show = _json if as_json else _line
    try:
        async with http.client(to.rstrip("/"), token, seconds=300) as client:
            rows = await install.install(found, client, shipped(), show)
    except (http.HTTPError, install.ServerRefusedError) as error:
        typer.echo(f"服务器不可用 the server cannot be used: {type(error).__name__} {error}", err=True)
        return 4
    counted = Counter(row.verdict for row in rows)
    told = "，".join(f"{_WORDS[verdict]} {number}" for verdict, number in sorted(counted.items()))
    typer.echo(f"{found.name}: {told}", err=True)
    return 1 if counted["refused"] else 0


def _json(row: Row) -> None:
    typer.echo(json.dumps(asdict(row)).decode())


def _line(row: Row) -> None:
    if row.verdict != "unchanged":
        typer.echo(f"{_WORDS[row.verdict]:<14} {row.reference or row.file}  {row.why}".rstrip())
