"""`cadenza keys`: one's own API keys, for programs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from bootstrap.cli import documents
from bootstrap.cli.client import success
from bootstrap.cli.terminal import Url, console, known_api, run, signed_in
from domain.kit.caller import Scope

app = typer.Typer(help="Your API keys: list, create, revoke.", invoke_without_command=True)

NEVER = "never"

# What a program needs to make songs and fetch them.
USUAL = [Scope.GENERATE, Scope.JOBS, Scope.LIBRARY, Scope.CREDITS]


@app.callback()
def show(context: typer.Context, url: Url = None) -> None:
    """List them."""
    if context.invoked_subcommand is not None:
        return

    async def main(address: str) -> None:
        client = await signed_in(address)
        table = Table("name", "prefix", "scopes", "last used", "expires", "id")
        for key in (await client.execute(documents.API_KEYS))["apiKeys"]:
            used, expires = key["lastUsedAt"] or NEVER, key["expiresAt"] or NEVER
            scopes = " ".join(key["scopes"]).lower()
            table.add_row(key["name"], key["prefix"], scopes, used[:16], expires[:10], key["id"])
        console.print(table)

    run(main(known_api(url)))


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(case_sensitive=False, help="What it may do; repeat for several.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long it works; for ever if left out.")] = None,
    url: Url = None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    expires_at = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()
    wanted = {"name": name, "scopes": [one.value for one in scope or USUAL], "expiresAt": expires_at}

    async def main(address: str) -> None:
        client = await signed_in(address)
        answer = success((await client.execute(documents.CREATE_API_KEY, {"input": wanted}))["createApiKey"])
        typer.echo(answer["secret"])

    run(main(known_api(url)))


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `cadenza keys` shows it.")], url: Url = None
) -> None:
    """Make a key stop working."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        success((await client.execute(documents.REVOKE_API_KEY, {"input": {"apiKeyId": key_id}}))["revokeApiKey"])
        console.print(f"{key_id} works no more", highlight=False, soft_wrap=True)

    run(main(known_api(url)))
