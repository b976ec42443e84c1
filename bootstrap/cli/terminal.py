"""What the commands share: the console, the API's address, and one sentence for expected trouble."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from bootstrap.cli.client import ApiProblem, CadenzaClient
from bootstrap.cli.home import Home
from bootstrap.settings import MissingSettings
from deploy.embedded import StackError
from domain.kit.errors import DomainError

console = Console()

T = TypeVar("T")
Url = Annotated[str | None, typer.Option("--url", envvar="CADENZA_API_URL", help="Where the API is.")]


def plainly(work: Callable[[], T]) -> T:
    """Expected trouble becomes one sentence and exit status 1."""
    try:
        return work()
    except (StackError, ApiProblem, MissingSettings, DomainError) as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error


def run(main: Coroutine[Any, Any, None]) -> None:
    plainly(lambda: asyncio.run(main))


def known_api(url: str | None) -> str:
    """The address given, or that of the stack that runs here; ends the command when there is none."""
    address = url or Home.default().api_url()
    if address is None:
        console.print("[red]No API is known here. Start one with `cadenza up`, or pass --url.[/red]")
        raise typer.Exit(1)
    return address


async def signed_in(address: str) -> CadenzaClient:
    """A client for the API key in `CADENZA_API_KEY`, or else for this machine's own person."""
    if key := os.environ.get("CADENZA_API_KEY"):
        return CadenzaClient(address, api_key=key)
    home = Home.default()
    client = CadenzaClient(address, home)
    await client.sign_in_or_up(home.person())
    return client
