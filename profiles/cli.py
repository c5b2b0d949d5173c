"""The commands of the implementation guide: `fdgw ig`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

ig = typer.Typer(help="Implementation guides. 实施指南。", no_args_is_help=True)


@ig.command()
def build(
    *,
    out: Annotated[Path, typer.Option(help="The file to write, or a folder for it.")] = Path(),
) -> None:
    """Write our guide as a FHIR package; the same bytes every time. 生成 FHIR 包。"""
    from profiles.guide import contents

    path = out / f"{contents.PACKAGE_ID}-{contents.VERSION}.tgz" if out.is_dir() else out
    packed = contents.built()
    path.write_bytes(packed)
    print(f"{path}: {len(contents.resources())} 个定义 definitions, {len(contents.examples())} 个示例 examples")


@ig.command()
def install(
    *,
    package: Annotated[Path, typer.Argument(exists=True, help="A FHIR package: .tgz or folder.")],
    to: Annotated[str, typer.Option(help="Base URL of the FHIR server.")] = "http://127.0.0.1:8080/fhir",
    token: Annotated[str, typer.Option(envvar="FDGW_TOKEN", help="What `fdgw token` prints.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a resource.")] = False,
) -> None:
    """Put the definitions of a package on a server. 将 FHIR 包安装到服务器。"""
    from profiles.guide.installing import run

    raise typer.Exit(asyncio.run(run(package, to, token, as_json=as_json)))


@ig.command()
def pages(
    *,
    out: Annotated[Path, typer.Option(help="A folder for the pages; made where it is not there.")] = Path("guide"),
) -> None:
    """Render the guide for people to read. 生成可阅读的实施指南网页。"""
    from profiles.guide import pages as rendered

    out.mkdir(parents=True, exist_ok=True)
    number = 0
    for name, content in rendered.pages():
        (out / name).write_bytes(content)
        number += 1
    print(f"{out / 'index.html'}: {number} 个文件 files")
