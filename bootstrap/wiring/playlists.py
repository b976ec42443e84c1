"""Playlists put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.idempotency.service import Idempotency
from domain.kit.trust.secret_links import LinkSealer
from domain.library.followers import TrackFollowers
from domain.library.services.listen import TrackListening
from domain.library.services.ruled import RuledTracks
from domain.likes.service import LikeService
from domain.playlists.documents import EntryDocument, PlaylistDocument
from domain.playlists.services.collaborate import PlaylistCollaboration
from domain.playlists.services.entries import PlaylistEntries
from domain.playlists.services.follow_track import EntryFollower
from domain.playlists.services.manage import PlaylistService
from domain.playlists.services.personal_data import PlaylistPersonalData
from domain.playlists.services.smart import ListeningKnowledge, SmartPlaylists
from domain.playlists.stores.entries import EntryStore
from domain.playlists.stores.playlists import PlaylistStore
from domain.plays.services.history import PlayHistory
from graphql_api.playlists.mutations.entries import EntryMutation
from graphql_api.playlists.mutations.people import CollaborationMutation
from graphql_api.playlists.mutations.playlists import PlaylistMutation
from graphql_api.playlists.mutations.smart import SmartPlaylistMutation
from graphql_api.playlists.prices import PRICES as PLAYLIST_PRICES
from graphql_api.playlists.problems import HANDLERS as PLAYLIST_HANDLERS
from graphql_api.playlists.queries import PlaylistQuery
from graphql_api.playlists.smart_queries import SmartPlaylistQuery

LINKS = "links of playlists"


def build(kit: Kit) -> Sequence[object]:
    playlists, entries, links = PlaylistStore(), EntryStore(), LinkSealer(kit.identity.box, LINKS)
    accounts, idempotency = kit.services.get(AccountService), kit.services.get(Idempotency)
    listening = kit.services.get(TrackListening)
    kit.services.get(TrackFollowers).add(EntryFollower(playlists, entries, kit.transactions))
    service = PlaylistService(playlists, entries, accounts, links, idempotency, kit.transactions, kit.clock)
    knowledge = ListeningKnowledge(kit.services.get(LikeService), kit.services.get(PlayHistory), kit.clock)
    selection = kit.services.get(RuledTracks)
    return [
        service,
        SmartPlaylists(service, entries, selection, knowledge, idempotency, kit.clock),
        PlaylistEntries(playlists, entries, listening, idempotency, kit.transactions, kit.clock),
        PlaylistCollaboration(service, playlists, links),
        PlaylistPersonalData(playlists, entries),
    ]


AREA = Area(
    name="playlists",
    documents=[PlaylistDocument, EntryDocument],
    build=build,
    personal=PlaylistPersonalData,
    queries=[PlaylistQuery, SmartPlaylistQuery],
    mutations=[PlaylistMutation, EntryMutation, CollaborationMutation, SmartPlaylistMutation],
    handlers=PLAYLIST_HANDLERS,
    prices=PLAYLIST_PRICES,
)
