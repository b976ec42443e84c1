"""`cadenza admins`: who has which role. Works on the database itself, so only operators can."""

from typing import Annotated

import typer

from bootstrap.areas import DOCUMENTS, build_services
from bootstrap.cli.home import Home
from bootstrap.cli.terminal import console, run
from bootstrap.services import open_kit
from bootstrap.settings import Settings
from deploy.embedded import read_running
from domain.accounts.model import Role
from domain.accounts.service import AccountService

app = typer.Typer(help="Administrators, who may look after dead letters, and other roles.", no_args_is_help=True)

Email = Annotated[str | None, typer.Argument(help="The account's address; this machine's own person if left out.")]


@app.command()
def add(email: Email = None) -> None:
    """Make an account an administrator's."""
    run(_appoint(email, Role.ADMIN))


@app.command()
def remove(email: Email = None) -> None:
    """Make an administrator an ordinary person again."""
    run(_appoint(email, Role.LISTENER))


@app.command("set-role")
def set_role(
    role: Annotated[Role, typer.Argument(case_sensitive=False, help="What the person is to be.")], email: Email = None
) -> None:
    """Give an account a role."""
    run(_appoint(email, role))


async def _appoint(email: str | None, role: Role) -> None:
    home = Home.default()
    running = read_running(home.root)
    given = {} if running is None else {**running.as_environment(), "CADENZA_AUTH_SECRET": home.auth_secret()}
    address = email or home.person().email
    async with open_kit(Settings(given), DOCUMENTS) as kit:
        build_services(kit)
        await kit.services.get(AccountService).set_role(address, role)
    console.print(f"{address} has the role {role.lower()} now", highlight=False)
