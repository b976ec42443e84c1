"""The registry of product areas. The API, the worker and the schema export loop over `AREAS`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from beanie import Document
from starlette.routing import BaseRoute

from bootstrap.services import Kit
from domain.accounts.documents import AccountDocument
from domain.accounts.service import AccountService
from domain.accounts.store import AccountStore
from domain.generation.documents import GenerationDocument
from domain.generation.model import JOB_KIND as GENERATION_KIND
from domain.generation.services.produce import SongProduction
from domain.generation.services.request import GenerationRequests
from domain.generation.services.understand import ModelCatalogue, PromptUnderstanding
from domain.generation.store import GenerationStore
from domain.jobs.documents import JobDocument, OutboxDocument
from domain.jobs.model import Job as JobModel
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.sweep import JobSweeping
from domain.jobs.store import JobStore
from domain.library.documents import TrackDocument, VersionDocument
from domain.library.service import LibraryService
from domain.library.store import LibraryStore
from domain.playback.documents import RenditionDocument
from domain.playback.service import PlaybackService
from domain.playback.store import RenditionStore
from graphql_api.accounts.mutations import AccountMutation
from graphql_api.accounts.queries import AccountQuery
from graphql_api.accounts.types import HANDLERS as ACCOUNT_HANDLERS
from graphql_api.core.problems import ProblemHandler
from graphql_api.generation.mutations import GenerationMutation
from graphql_api.generation.queries import GenerationQuery
from graphql_api.generation.types import HANDLERS as GENERATION_HANDLERS
from graphql_api.generation.types import GenerationJob
from graphql_api.jobs.mutations import JobMutation
from graphql_api.jobs.queries import JobQuery
from graphql_api.jobs.subscriptions import JobSubscription
from graphql_api.jobs.types import HANDLERS as JOB_HANDLERS
from graphql_api.jobs.types import Job
from graphql_api.library.queries import LibraryQuery
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
    presenters: Mapping[str, Callable[[JobModel], Job]] = field(default_factory=dict)


def _accounts(kit: Kit) -> Sequence[object]:
    lifetime = kit.settings.auth.access_lifetime
    return [AccountService(AccountStore(), kit.hasher, kit.signer, kit.clock, lifetime)]


def _jobs(kit: Kit) -> Sequence[object]:
    store = JobStore()
    acceptance = JobAcceptance(store, kit.transactions, kit.queue, kit.clock, kit.policy)
    running = JobRunning(store, kit.transactions, kit.events, acceptance, kit.clock, kit.policy)
    return [
        acceptance,
        running,
        JobFollowing(store, kit.events, kit.clock),
        JobSweeping(store, acceptance, running, kit.clock),
    ]


def _library(kit: Kit) -> Sequence[object]:
    return [LibraryService(LibraryStore())]


def _playback(kit: Kit) -> Sequence[object]:
    settings = kit.settings
    return [
        PlaybackService(
            RenditionStore(),
            kit.services.get(LibraryService),
            kit.services.get(JobFollowing),
            kit.blobs,
            kit.signer,
            kit.clock,
            settings.api.address(),
            settings.auth.playback_lifetime,
        )
    ]


def _generation(kit: Kit) -> Sequence[object]:
    store = GenerationStore()
    catalogue = ModelCatalogue(kit.engine)
    understanding = PromptUnderstanding(kit.engine)
    services = kit.services
    requests = GenerationRequests(
        store, services.get(JobAcceptance), services.get(AccountService), catalogue, kit.clock
    )
    production = SongProduction(
        store=store,
        understanding=understanding,
        engine=kit.engine,
        studio=kit.studio,
        blobs=kit.blobs,
        running=services.get(JobRunning),
        playback=services.get(PlaybackService),
        library=services.get(LibraryService),
        clock=kit.clock,
        work_root=kit.settings.worker.work_dir,
    )
    return [catalogue, understanding, requests, production]


AREAS = (
    Area(
        name="accounts",
        documents=[AccountDocument],
        build=_accounts,
        queries=[AccountQuery],
        mutations=[AccountMutation],
        handlers=ACCOUNT_HANDLERS,
    ),
    Area(
        name="jobs",
        documents=[JobDocument, OutboxDocument],
        build=_jobs,
        queries=[JobQuery],
        mutations=[JobMutation],
        subscriptions=[JobSubscription],
        handlers=JOB_HANDLERS,
    ),
    Area(
        name="library",
        documents=[TrackDocument, VersionDocument],
        build=_library,
        queries=[LibraryQuery],
    ),
    Area(
        name="playback",
        documents=[RenditionDocument],
        build=_playback,
        queries=[PlaybackQuery],
        routes=PLAYBACK_ROUTES,
    ),
    Area(
        name="generation",
        documents=[GenerationDocument],
        build=_generation,
        queries=[GenerationQuery],
        mutations=[GenerationMutation],
        types=[GenerationJob],
        handlers=GENERATION_HANDLERS,
        jobs={GENERATION_KIND: generate_track},
        presenters={GENERATION_KIND: GenerationJob.of},
    ),
)

DOCUMENTS = [document for area in AREAS for document in area.documents]


def build_services(kit: Kit) -> None:
    """Fills the kit's services, area by area."""
    for area in AREAS:
        for service in area.build(kit):
            kit.services.add(service)
