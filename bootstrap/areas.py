"""The registry of product areas. The API, the worker and the schema export loop over `AREAS`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from beanie import Document
from starlette.routing import BaseRoute

from bootstrap.builders.accounts import build_accounts
from bootstrap.builders.generation import build_generation
from bootstrap.builders.jobs import build_jobs
from bootstrap.builders.payments import build_payments
from bootstrap.services import Kit
from bootstrap.settings import MissingSettings
from domain.accounts.documents import (
    AccountDocument,
    ApiKeyDocument,
    ExportDocument,
    MailedTokenDocument,
    SecondFactorDocument,
    SecurityEventDocument,
    SessionDocument,
)
from domain.accounts.services.personal_data import AccountPersonalData
from domain.credits.catalogue import Catalogue
from domain.credits.documents import TransferDocument, WalletDocument
from domain.credits.errors import CatalogueInvalid
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.personal_data import CreditPersonalData
from domain.credits.services.wallets import CreditWallets
from domain.credits.store import CreditStore
from domain.generation.documents import GenerationDocument
from domain.generation.model import JOB_KIND as GENERATION_KIND
from domain.generation.services.personal_data import GenerationPersonalData
from domain.idempotency.documents import KeyDocument
from domain.idempotency.service import Idempotency
from domain.idempotency.services.personal_data import KeyPersonalData
from domain.idempotency.store import KeyStore
from domain.jobs.documents import JobDocument, OutboxDocument, StepDocument
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.personal_data import JobPersonalData
from domain.kit.personal_data import PersonalData, PersonalRecords
from domain.library.documents import TrackDocument, VersionDocument
from domain.library.service import LibraryService
from domain.library.services.personal_data import LibraryPersonalData
from domain.library.store import LibraryStore
from domain.mail.documents import MailDocument
from domain.mail.service import MailOutbox
from domain.mail.services.personal_data import MailPersonalData
from domain.mail.store import MailStore
from domain.payments.documents import EventDocument, OrderDocument, SubscriptionDocument
from domain.payments.services.personal_data import PaymentPersonalData
from domain.playback.documents import RenditionDocument
from domain.playback.services.janitor import RenditionJanitor
from domain.playback.services.personal_data import PlaybackPersonalData
from domain.playback.services.playback import PlaybackService
from domain.playback.store import RenditionStore
from graphql_api.accounts.mutations.api_keys import ApiKeyMutation
from graphql_api.accounts.mutations.deletion import DeletionMutation
from graphql_api.accounts.mutations.emails import EmailMutation
from graphql_api.accounts.mutations.passwords import PasswordMutation
from graphql_api.accounts.mutations.second_factor import SecondFactorMutation
from graphql_api.accounts.mutations.sessions import SessionMutation
from graphql_api.accounts.mutations.sign_in import SignInMutation
from graphql_api.accounts.queries import AccountQuery
from graphql_api.accounts.types import HANDLERS as ACCOUNT_HANDLERS
from graphql_api.core.context import Info
from graphql_api.core.idempotency import HANDLERS as IDEMPOTENCY_HANDLERS
from graphql_api.core.problems import ProblemHandler
from graphql_api.credits.links import JobLinks
from graphql_api.credits.queries import CreditQuery
from graphql_api.credits.types import HANDLERS as CREDIT_HANDLERS
from graphql_api.credits.types import InsufficientCredits
from graphql_api.generation.mutations import GenerationMutation
from graphql_api.generation.queries import GenerationQuery
from graphql_api.generation.types import HANDLERS as GENERATION_HANDLERS
from graphql_api.generation.types import GenerationJob
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.mutations import JobMutation
from graphql_api.jobs.queries import JobQuery
from graphql_api.jobs.subscriptions import JobSubscription
from graphql_api.jobs.types import HANDLERS as JOB_HANDLERS
from graphql_api.jobs.types import Job, JobPresenter
from graphql_api.library.queries import LibraryQuery
from graphql_api.payments.http import ROUTES as PAYMENT_ROUTES
from graphql_api.payments.mutations import PaymentMutation
from graphql_api.payments.queries import PaymentQuery
from graphql_api.payments.types import HANDLERS as PAYMENT_HANDLERS
from graphql_api.playback.http import ROUTES as PLAYBACK_ROUTES
from graphql_api.playback.queries import PlaybackQuery
from jobs.core.worker import JobFunction
from jobs.generation import generate_track

Builder = Callable[[Kit], Sequence[object]]


@dataclass(frozen=True)
class Area:
    """All that a product area adds to the house. `build` may ask the kit for services of areas before it."""

    name: str
    documents: Sequence[type[Document]]
    build: Builder
    queries: Sequence[type] = ()
    mutations: Sequence[type] = ()
    subscriptions: Sequence[type] = ()
    types: Sequence[type] = ()
    handlers: Sequence[ProblemHandler] = ()
    routes: Sequence[BaseRoute] = ()
    jobs: Mapping[str, JobFunction] = field(default_factory=dict)
    presenters: Mapping[str, type[Job]] = field(default_factory=dict)
    personal: type[PersonalData] | None = None
    """What gives people their data and forgets them; None only where no document is about a person."""


def _mail(kit: Kit) -> Sequence[object]:
    identity, store = kit.identity, MailStore()
    outbox = MailOutbox(store, identity.mailer, identity.box, identity.mail_meter, kit.clock)
    return [outbox, MailPersonalData(store)]


def _credits(kit: Kit) -> Sequence[object]:
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


def _idempotency(kit: Kit) -> Sequence[object]:
    store = KeyStore()
    return [Idempotency(store, kit.transactions, kit.clock), KeyPersonalData(store)]


def _library(kit: Kit) -> Sequence[object]:
    store = LibraryStore()
    return [LibraryService(store), LibraryPersonalData(store, kit.blobs)]


def _playback(kit: Kit) -> Sequence[object]:
    settings, store, following = kit.settings, RenditionStore(), kit.services.get(JobFollowing)
    playback = PlaybackService(
        store,
        kit.services.get(LibraryService),
        following,
        kit.blobs,
        kit.signer,
        kit.clock,
        settings.api.address(),
        settings.auth.playback_lifetime,
    )
    janitor = RenditionJanitor(store, following, playback, kit.clock)
    return [playback, janitor, PlaybackPersonalData(store, kit.blobs)]


AREAS = (
    Area(name="mail", documents=[MailDocument], build=_mail, personal=MailPersonalData),
    Area(
        name="accounts",
        documents=[
            AccountDocument,
            SessionDocument,
            ApiKeyDocument,
            SecurityEventDocument,
            MailedTokenDocument,
            SecondFactorDocument,
            ExportDocument,
        ],
        build=build_accounts,
        personal=AccountPersonalData,
        queries=[AccountQuery],
        mutations=[
            SignInMutation,
            SessionMutation,
            ApiKeyMutation,
            EmailMutation,
            PasswordMutation,
            SecondFactorMutation,
            DeletionMutation,
        ],
        handlers=ACCOUNT_HANDLERS,
    ),
    Area(
        name="credits",
        documents=[WalletDocument, TransferDocument],
        build=_credits,
        personal=CreditPersonalData,
        queries=[CreditQuery],
        types=[InsufficientCredits],
        handlers=CREDIT_HANDLERS,
    ),
    Area(
        name="idempotency",
        documents=[KeyDocument],
        build=_idempotency,
        personal=KeyPersonalData,
        handlers=IDEMPOTENCY_HANDLERS,
    ),
    Area(
        name="payments",
        documents=[OrderDocument, SubscriptionDocument, EventDocument],
        build=build_payments,
        personal=PaymentPersonalData,
        queries=[PaymentQuery],
        mutations=[PaymentMutation],
        handlers=PAYMENT_HANDLERS,
        routes=PAYMENT_ROUTES,
    ),
    Area(
        name="jobs",
        documents=[JobDocument, OutboxDocument, StepDocument],
        build=build_jobs,
        personal=JobPersonalData,
        queries=[JobQuery],
        mutations=[JobMutation],
        subscriptions=[JobSubscription],
        handlers=JOB_HANDLERS,
    ),
    Area(
        name="library",
        documents=[TrackDocument, VersionDocument],
        build=_library,
        personal=LibraryPersonalData,
        queries=[LibraryQuery],
    ),
    Area(
        name="playback",
        documents=[RenditionDocument],
        build=_playback,
        personal=PlaybackPersonalData,
        queries=[PlaybackQuery],
        routes=PLAYBACK_ROUTES,
    ),
    Area(
        name="generation",
        documents=[GenerationDocument],
        build=build_generation,
        personal=GenerationPersonalData,
        queries=[GenerationQuery],
        mutations=[GenerationMutation],
        types=[GenerationJob],
        handlers=GENERATION_HANDLERS,
        jobs={GENERATION_KIND: generate_track},
        presenters={GENERATION_KIND: GenerationJob},
    ),
)

DOCUMENTS = [document for area in AREAS for document in area.documents]


def build_services(kit: Kit) -> None:
    """Fills the kit's services, area by area."""
    for area in AREAS:
        for service in area.build(kit):
            kit.services.add(service)
    records = kit.services.get(PersonalRecords)
    # accounts come last in an erasure: as long as its account is there, one that broke off is taken up again
    for area in sorted(AREAS, key=lambda each: each.name != "accounts"):
        if area.personal is not None:
            records.add(area.name, kit.services.get(area.personal))
