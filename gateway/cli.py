"""The `fdgw` command; those of the other programs are mounted by entry point, and import what they need when called."""

import signal
import sys
from importlib.metadata import entry_points, version
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="家庭医生签约服务 FHIR 网关 · FHIR gateway for family-doctor contract services",
)


_UNREACHABLE = 4
"""The exit code of a command whose database cannot be reached or used."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址 · address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="端口,0 为任意空闲端口 · port, 0 for any free one")] = None,
) -> None:
    """启动网关 · Start the gateway, with the embedded PostgreSQL unless FDGW_DATABASE_URL is set."""
    import psycopg

    from gateway.server import serve as run
    from gateway.settings import Settings
    from gateway.storage.migrations import UnsupportedServerError
    from gateway.storage.programs import EmbeddedPostgresError

    signal.signal(signal.SIGTERM, _leave)
    settings = Settings()
    chosen = {"host": host or settings.host, "port": settings.port if port is None else port}
    try:
        run(settings.model_copy(update=chosen))
    except (EmbeddedPostgresError, UnsupportedServerError, psycopg.OperationalError) as error:
        print(f"数据库不可用 / the database is not available: {error}", file=sys.stderr)
        sys.exit(_UNREACHABLE)


@app.command()
def token(name: Annotated[str, typer.Argument(help="developer | adapter")] = "developer") -> None:
    """打印开发令牌 · Print a development token."""
    from gateway.settings import Settings, development_tokens

    tokens = development_tokens(Settings().data_dir)
    if name not in tokens:
        sys.exit(f"没有名为 {name} 的令牌 · no token is named {name}; there are: {', '.join(tokens)}")
    print(tokens[name]["token"])


@app.command("version")
def _version() -> None:
    """打印版本 · Print the version."""
    print(version("fdgw"))


def _leave(_: int, __: FrameType | None) -> NoReturn:
    """SIGTERM unwinds the stack, so that PostgreSQL is stopped by its last user."""
    sys.exit(143)


def _mount(command: Any, name: str) -> None:  # noqa: ANN401 - a Typer or a function, as the program likes
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name)(command)


def main() -> None:
    for point in entry_points(group="fdgw.commands"):
        _mount(point.load(), point.name)
    app()


if __name__ == "__main__":
    main()
