"""`cadenza mail`: the mailbox of this machine's stack, into which all of its mail goes."""

import os
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adapters.mail.folder import messages
from bootstrap.cli.home import Home
from bootstrap.cli.terminal import console

app = typer.Typer(help="The mailbox of the stack that runs here: list, show.", invoke_without_command=True)


@app.callback()
def show_all(context: typer.Context) -> None:
    """List the mails, the newest last."""
    if context.invoked_subcommand is not None:
        return
    table = Table("number", "when", "to", "subject")
    for number, (_, message) in enumerate(messages(_folder()), start=1):
        table.add_row(str(number), _header(message, "Date"), _header(message, "To"), _header(message, "Subject"))
    console.print(table)


@app.command()
def show(
    number: Annotated[int | None, typer.Argument(min=1, help="Which mail; the last one if left out.")] = None,
) -> None:
    """Show one mail."""
    found = messages(_folder())
    if not found or (number or 0) > len(found):
        console.print("[red]There is no such mail.[/red]")
        raise typer.Exit(1)
    _, message = found[(number or len(found)) - 1]
    for name in ("From", "To", "Date", "Subject"):
        console.print(f"[dim]{name}:[/dim] {_header(message, name)}", highlight=False, soft_wrap=True)
    typer.echo("\n" + message.get_content())


def _folder() -> Path:
    return Path(os.environ.get("CADENZA_MAIL_FOLDER") or Home.default().mail_folder())


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name, ""))
