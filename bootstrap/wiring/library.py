"""The library put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.accounts.services.security_log import SecurityLog
from domain.idempotency.service import Idempotency
from domain.kit.trust.secret_links import LinkSealer
from domain.library.documents import StructureDocument, TrackDocument, VersionDocument
from domain.library.followers import TrackFollowers
from domain.library.places import ListPlaces
from domain.library.service import LibraryService
from domain.library.services.branch import TrackBranching
from domain.library.services.catalogue import TrackCatalogue
from domain.library.services.edit import TrackEditing
from domain.library.services.index import TrackIndexing
from domain.library.services.janitor import TrashJanitor
from domain.library.services.join import TrackJoining
from domain.library.services.listen import TrackListening
from domain.library.services.moderate import TrackModeration
from domain.library.services.personal_data import LibraryPersonalData
from domain.library.services.publishing import PublishingRight
from domain.library.services.ruled import RuledTracks
from domain.library.services.select import TrackSelection
from domain.library.services.share import TrackSharing
from domain.library.services.trash import TrackTrash
from domain.library.stores.catalogue import CatalogueStore
from domain.library.stores.indexing import IndexingStore
from domain.library.stores.library import LibraryStore
from domain.library.stores.moderation import ModerationStore
from domain.library.stores.ruled import RuledStore
from domain.library.stores.selection import SelectionStore
from domain.library.stores.shared import SharedStore
from domain.library.stores.structures import StructureStore
from domain.library.stores.trash import TrashStore
from graphql_api.library.mutations.branching import TrackBranchingMutation
from graphql_api.library.mutations.editing import TrackEditingMutation
from graphql_api.library.mutations.moderation import ModerationMutation
from graphql_api.library.mutations.sharing import SharingMutation
from graphql_api.library.mutations.trash import TrashMutation
from graphql_api.library.prices import PRICES as LIBRARY_PRICES
from graphql_api.library.problems import HANDLERS as LIBRARY_HANDLERS
from graphql_api.library.queries import LibraryQuery
from graphql_api.library.sharing_queries import SharedTrackQuery

LINKS = "links of tracks"


def build(kit: Kit) -> Sequence[object]:
    store, trash = LibraryStore(kit.changes), TrashStore(kit.settings.library.trash, kit.changes)
    shared, moderation = SharedStore(), ModerationStore(kit.changes)
    structures, followers, places = StructureStore(), TrackFollowers(), ListPlaces()
    links = LinkSealer(kit.identity.box, LINKS)
    accounts, security = kit.services.get(AccountService), kit.services.get(SecurityLog)
    library, publishing = LibraryService(store, structures), PublishingRight(accounts)
    return [
        library,
        TrackJoining(library, publishing),
        TrackListening(store, shared),
        places,
        TrackCatalogue(CatalogueStore(places), store),
        RuledTracks(RuledStore(), kit.clock),
        TrackSelection(SelectionStore()),
        TrackSharing(store, shared, moderation, publishing, security, links, kit.transactions, kit.clock),
        TrackModeration(moderation, accounts, security, kit.transactions, kit.clock),
        TrackEditing(store, publishing, kit.clock),
        followers,
        TrackBranching(store, structures, moderation, followers, kit.services.get(Idempotency), kit.clock),
        TrackTrash(trash, store, followers, moderation, publishing, kit.transactions, kit.clock),
        TrashJanitor(trash, followers, kit.blobs, kit.clock),
        TrackIndexing(IndexingStore()),
        LibraryPersonalData(store, structures, kit.blobs),
    ]


AREA = Area(
    name="library",
    documents=[TrackDocument, VersionDocument, StructureDocument],
    build=build,
    personal=LibraryPersonalData,
    queries=[LibraryQuery, SharedTrackQuery],
    mutations=[TrackBranchingMutation, TrackEditingMutation, SharingMutation, ModerationMutation, TrashMutation],
    handlers=LIBRARY_HANDLERS,
    prices=LIBRARY_PRICES,
)
