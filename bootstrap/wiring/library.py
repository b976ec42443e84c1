"""The library put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.library.documents import TrackDocument, VersionDocument
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from domain.library.services.personal_data import LibraryPersonalData
from domain.library.stores.library import LibraryStore
from graphql_api.library.mutations.editing import TrackEditingMutation
from graphql_api.library.prices import PRICES as LIBRARY_PRICES
from graphql_api.library.problems import HANDLERS as LIBRARY_HANDLERS
from graphql_api.library.queries import LibraryQuery


def build(kit: Kit) -> Sequence[object]:
    store = LibraryStore()
    return [LibraryService(store), TrackEditing(store, kit.clock), LibraryPersonalData(store, kit.blobs)]


AREA = Area(
    name="library",
    documents=[TrackDocument, VersionDocument],
    build=build,
    personal=LibraryPersonalData,
    queries=[LibraryQuery],
    mutations=[TrackEditingMutation],
    handlers=LIBRARY_HANDLERS,
    prices=LIBRARY_PRICES,
)
