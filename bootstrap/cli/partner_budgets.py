"""Budgets of organisations, set by operators: on the database itself, which only they hold."""

from strawberry.relay import GlobalID, GlobalIDValueError

from bootstrap.areas import DOCUMENTS, build_services
from bootstrap.cli.client import ApiProblem
from bootstrap.cli.home import Home
from bootstrap.cli.terminal import console
from bootstrap.services import open_kit
from bootstrap.settings import Settings
from deploy.embedded import read_running
from domain.kit.rate_limit import Bucket
from domain.partners.services.organisations import OrganisationService


async def grant(organisation_id: str, budget: Bucket | None) -> None:
    """Running programs follow within seconds. Raises `ApiProblem` and `NotFound`."""
    try:
        found = GlobalID.from_id(organisation_id)
    except GlobalIDValueError as error:
        raise ApiProblem(f"{organisation_id} is no id.") from error
    home = Home.default()
    running = read_running(home.root)
    given = {} if running is None else {**running.as_environment(), "CADENZA_AUTH_SECRET": home.auth_secret()}
    async with open_kit(Settings(given), DOCUMENTS) as kit:
        build_services(kit)
        await kit.services.get(OrganisationService).grant(found.node_id, budget)
    told = "the usual budget" if budget is None else f"{budget.capacity} points, {budget.restore_per_second:g} a second"
    console.print(f"{organisation_id} has {told} now", highlight=False, soft_wrap=True)
