"""Generation put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.artists import CallerArtists
from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.credits.catalogue import PriceBook
from domain.credits.services.wallets import CreditWallets
from domain.generation.documents import GenerationDocument
from domain.generation.model import JOB_KIND as GENERATION_KIND
from domain.generation.models import ModelKind
from domain.generation.services.continue_sound import SoundContinuation
from domain.generation.services.make_sound import SoundMaking
from domain.generation.services.models import ModelCatalogue
from domain.generation.services.parents import Parents
from domain.generation.services.personal_data import GenerationPersonalData
from domain.generation.services.produce import SongProduction
from domain.generation.services.recordings import Recordings
from domain.generation.services.request import GenerationRequests
from domain.generation.services.understand import PromptUnderstanding
from domain.generation.services.write_score import ScoreWriting
from domain.generation.store import GenerationStore
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.library.service import LibraryService
from domain.library.services.join import TrackJoining
from domain.partners.services.keys import PartnerKeyService
from domain.playback.services.attempts import RenditionAttempts
from graphql_api.generation.edit_mutations import EditMutation
from graphql_api.generation.edit_queries import EditQuery
from graphql_api.generation.mutations import GenerationMutation
from graphql_api.generation.prices import PRICES as GENERATION_PRICES
from graphql_api.generation.queries import GenerationQuery
from graphql_api.generation.types import HANDLERS as GENERATION_HANDLERS
from graphql_api.generation.types import GenerationJob
from jobs.generation import generate_track


def build(kit: Kit) -> Sequence[object]:
    store = GenerationStore()
    allowed = kit.settings.models.non_commercial
    catalogue = ModelCatalogue(kit.engine, kit.audio, kit.clock, non_commercial=allowed)
    understanding = PromptUnderstanding(kit.engine)
    services = kit.services
    running, steps = services.get(JobRunning), services.get(JobSteps)
    parents = Parents(services.get(LibraryService), kit.blobs)
    requests = GenerationRequests(
        store=store,
        models=catalogue,
        parents=parents,
        acceptance=services.get(JobAcceptance),
        artists=CallerArtists(services.get(AccountService), services.get(PartnerKeyService)),
        joining=services.get(TrackJoining),
        wallets=services.get(CreditWallets),
        prices=services.get(PriceBook),
        clock=kit.clock,
    )
    work_root = kit.settings.worker.work_dir
    recordings = Recordings(kit.intake, kit.decoder, work_root)
    continuation = SoundContinuation(parents, recordings, kit.audio)
    production = SongProduction(
        store=store,
        models=catalogue,
        makers={
            ModelKind.SCORE: ScoreWriting(store, parents, understanding, kit.engine, running, steps),
            ModelKind.AUDIO: SoundMaking(store, understanding, parents, recordings, kit.audio, continuation, running),
        },
        studio=kit.studio,
        blobs=kit.blobs,
        running=running,
        attempts=services.get(RenditionAttempts),
        clock=kit.clock,
        work_root=work_root,
    )
    return [catalogue, understanding, requests, production, GenerationPersonalData(store, kit.blobs)]


AREA = Area(
    name="generation",
    documents=[GenerationDocument],
    build=build,
    personal=GenerationPersonalData,
    queries=[GenerationQuery, EditQuery],
    mutations=[GenerationMutation, EditMutation],
    types=[GenerationJob],
    handlers=GENERATION_HANDLERS,
    jobs={GENERATION_KIND: generate_track},
    presenters={GENERATION_KIND: GenerationJob},
    prices=GENERATION_PRICES,
)
