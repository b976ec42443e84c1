"""Bulk edits put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.bulk.documents import BulkEditDocument
from domain.bulk.model import JOB_KIND as BULK_KIND
from domain.bulk.services.change import TrackChanger
from domain.bulk.services.look import BulkEditLooking
from domain.bulk.services.personal_data import BulkPersonalData
from domain.bulk.services.run import BulkEditing
from domain.bulk.services.start import BulkEditStart
from domain.bulk.store import BulkEditStore
from domain.credits.services.wallets import CreditWallets
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.run import JobRunning
from domain.library.services.edit import TrackEditing
from domain.library.services.select import TrackSelection
from domain.library.services.share import TrackSharing
from domain.library.services.trash import TrackTrash
from domain.likes.service import LikeService
from domain.playlists.services.entries import PlaylistEntries
from graphql_api.bulk.mutations import BulkMutation
from graphql_api.bulk.prices import PRICES as BULK_PRICES
from graphql_api.bulk.types import BulkEditJob
from jobs.bulk import edit_tracks


def build(kit: Kit) -> Sequence[object]:
    services, store = kit.services, BulkEditStore()
    sharing, entries = services.get(TrackSharing), services.get(PlaylistEntries)
    changer = TrackChanger(
        services.get(TrackEditing), sharing, services.get(TrackTrash), services.get(LikeService), entries
    )
    start = BulkEditStart(
        store=store,
        selection=services.get(TrackSelection),
        sharing=sharing,
        entries=entries,
        wallets=services.get(CreditWallets),
        acceptance=services.get(JobAcceptance),
        clock=kit.clock,
    )
    return [
        start,
        changer,
        BulkEditing(store, changer, services.get(JobRunning), kit.queue, kit.clock),
        BulkEditLooking(store),
        BulkPersonalData(store),
    ]


AREA = Area(
    name="bulk",
    documents=[BulkEditDocument],
    build=build,
    personal=BulkPersonalData,
    mutations=[BulkMutation],
    types=[BulkEditJob],
    jobs={BULK_KIND: edit_tracks},
    presenters={BULK_KIND: BulkEditJob},
    prices=BULK_PRICES,
)
