"""Credits put together."""

from collections.abc import Sequence
from pathlib import Path

from bootstrap.area import Area
from bootstrap.services import Kit
from bootstrap.settings import MissingSettings
from domain.credits.catalogue import Catalogue
from domain.credits.documents import TransferDocument, WalletDocument
from domain.credits.errors import CatalogueInvalid
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.personal_data import CreditPersonalData
from domain.credits.services.wallets import CreditWallets
from domain.credits.store import CreditStore
from graphql_api.core.context import Info
from graphql_api.credits.links import JobLinks
from graphql_api.credits.prices import PRICES as CREDIT_PRICES
from graphql_api.credits.queries import CreditQuery
from graphql_api.credits.types import HANDLERS as CREDIT_HANDLERS
from graphql_api.credits.types import InsufficientCredits
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job, JobPresenter


def build(kit: Kit) -> Sequence[object]:
    catalogue = _catalogue(kit.settings.credits.catalogue)
    store = CreditStore()
    return [
        catalogue,
        catalogue.prices,
        CreditLedger(store, kit.clock, catalogue),
        CreditPersonalData(store, kit.transactions),
        CreditWallets(store, kit.transactions, kit.clock, catalogue),
        JobLinks(_find_job),
    ]


async def _find_job(info: Info, job_id: str) -> Job | None:
    found = await info.context.loader(JobLoader).load(job_id)
    return None if found is None else info.context.service(JobPresenter).present(found)


def _catalogue(path: Path) -> Catalogue:
    """Raises `MissingSettings` when it cannot be used."""
    try:
        return Catalogue.parse(path.read_bytes())
    except (OSError, CatalogueInvalid) as error:
        raise MissingSettings(f"CADENZA_CREDITS_CATALOGUE does not work: {error}.") from error


AREA = Area(
    name="credits",
    documents=[WalletDocument, TransferDocument],
    build=build,
    personal=CreditPersonalData,
    queries=[CreditQuery],
    types=[InsufficientCredits],
    handlers=CREDIT_HANDLERS,
    prices=CREDIT_PRICES,
)
