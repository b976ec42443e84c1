"""Uploads put together."""

from collections.abc import Sequence

from adapters.upload_meter import PrometheusUploadMeter
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
from domain.partners.services.keys import PartnerKeyService
from domain.playback.services.attempts import RenditionAttempts
from domain.uploads.documents import UploadDocument
from domain.uploads.model import JOB_KIND as UPLOAD_KIND
from domain.uploads.services.clear import SourceClearing
from domain.uploads.services.complete import UploadCompletion
from domain.uploads.services.create import UploadCreation
from domain.uploads.services.janitor import UploadJanitor
from domain.uploads.services.look import UploadLooking
from domain.uploads.services.personal_data import UploadPersonalData
from domain.uploads.services.process import UploadProcessing
from domain.uploads.services.storage import UploadStorage
from domain.uploads.store import UploadStore
from graphql_api.uploads.mutations import UploadMutation
from graphql_api.uploads.prices import PRICES as UPLOAD_PRICES
from graphql_api.uploads.queries import UploadQuery
from graphql_api.uploads.types import HANDLERS as UPLOAD_HANDLERS
from graphql_api.uploads.types import UploadJob
from jobs.uploads import process_upload


def build(kit: Kit) -> Sequence[object]:
    services, store, meter = kit.services, UploadStore(), PrometheusUploadMeter()
    storage = UploadStorage(kit.intake, kit.blobs)
    wallets, following = services.get(CreditWallets), services.get(JobFollowing)
    creation = UploadCreation(
        store=store,
        intake=kit.intake,
        storage=storage,
        artists=CallerArtists(services.get(AccountService), services.get(PartnerKeyService)),
        library=services.get(LibraryService),
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
        UploadPersonalData(store, storage, kit.blobs),
    ]


AREA = Area(
    name="uploads",
    documents=[UploadDocument],
    build=build,
    personal=UploadPersonalData,
    queries=[UploadQuery],
    mutations=[UploadMutation],
    types=[UploadJob],
    handlers=UPLOAD_HANDLERS,
    jobs={UPLOAD_KIND: process_upload},
    presenters={UPLOAD_KIND: UploadJob},
    prices=UPLOAD_PRICES,
)
