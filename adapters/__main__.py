"""The adapters alone, as on a hospital's front-end machine (前置机): `python -m adapters`."""

import typer

from adapters import cli

app = typer.Typer(no_args_is_help=True)
app.command("hl7v2")(cli.hl7v2)
app.command("send")(cli.send)
app.add_typer(cli.messages, name="messages")

if __name__ == "__main__":
    app()
