"""Uploads put together."""

from collections.abc import Sequence

from adapters.meters.uploads import PrometheusUploadMeter
from bootstrap.area import Area
from bootstrap.artists import CallerArtists
from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.service import Idempotency
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from domain.library.services.join import TrackJoining
from domain.partners.services.keys import PartnerKeyService
from domain.playback.services.attempts import RenditionAttempts
from domain.transcription.services.transcribe import Transcriber
from domain.uploads.documents import CoverUploadDocument, UploadDocument
from domain.uploads.model import JOB_KIND as UPLOAD_KIND
from domain.uploads.services.clear import SourceClearing
from domain.uploads.services.complete import UploadCompletion
from domain.uploads.services.create import UploadCreation
from domain.uploads.services.janitor import UploadJanitor
from domain.uploads.services.look import UploadLooking
from domain.uploads.services.personal_data import UploadPersonalData
from domain.uploads.services.process import UploadProcessing
from domain.uploads.services.set_cover import CoverJanitor, CoverSetting, CoverUploads
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore
from domain.uploads.stores.covers import CoverUploadStore
from graphql_api.uploads.covers import HANDLERS as COVER_HANDLERS
from graphql_api.uploads.covers import CoverMutation
from graphql_api.uploads.mutations import UploadMutation
from graphql_api.uploads.prices import PRICES as UPLOAD_PRICES
from graphql_api.uploads.queries import UploadQuery
from graphql_api.uploads.types import HANDLERS as UPLOAD_HANDLERS
from graphql_api.uploads.types import UploadJob
from jobs.uploads import process_upload


def build(kit: Kit) -> Sequence[object]:
    services, store, covers, meter = kit.services, UploadStore(), CoverUploadStore(), PrometheusUploadMeter()
    storage = UploadStorage(kit.intake, kit.blobs)
    wallets, following = services.get(CreditWallets), services.get(JobFollowing)
    creation = UploadCreation(
        store=store,
        intake=kit.intake,
        storage=storage,
        artists=CallerArtists(services.get(AccountService), services.get(PartnerKeyService)),
        joining=services.get(TrackJoining),
        wallets=wallets,
        idempotency=services.get(Idempotency),
        meter=meter,
        clock=kit.clock,
        limits=kit.settings.uploads.limits,
    )
    completion = UploadCompletion(
        store, kit.intake, storage, services.get(JobAcceptance), following, wallets, kit.clock
    )
    processing = UploadProcessing(
        store=store,
        intake=kit.intake,
        decoder=kit.decoder,
        studio=kit.studio,
        transcriber=services.get(Transcriber),
        blobs=kit.blobs,
        running=services.get(JobRunning),
        attempts=services.get(RenditionAttempts),
        meter=meter,
        clock=kit.clock,
        work_root=kit.settings.worker.work_dir,
    )
    return [
        creation,
        completion,
        processing,
        SourceClearing(store, storage, following),
        UploadLooking(store, kit.intake, storage, kit.clock),
        UploadJanitor(store, storage, following, meter, kit.clock),
        UploadPersonalData(store, storage, kit.blobs, covers),
        *_covers(kit, covers),
    ]


def _covers(kit: Kit, store: CoverUploadStore) -> Sequence[object]:
    library, editing = kit.services.get(LibraryService), kit.services.get(TrackEditing)
    return [
        CoverUploads(store, kit.intake, library, kit.clock),
        CoverSetting(
            store,
            kit.intake,
            kit.pictures,
            kit.blobs,
            library,
            editing,
            kit.clock,
            kit.settings.worker.work_dir,
        ),
        CoverJanitor(store, kit.blobs, kit.clock),
    ]


AREA = Area(
    name="uploads",
    documents=[UploadDocument, CoverUploadDocument],
    build=build,
    personal=UploadPersonalData,
    queries=[UploadQuery],
    mutations=[UploadMutation, CoverMutation],
    types=[UploadJob],
    handlers=(*UPLOAD_HANDLERS, *COVER_HANDLERS),
    jobs={UPLOAD_KIND: process_upload},
    presenters={UPLOAD_KIND: UploadJob},
    prices=UPLOAD_PRICES,
)
