"""Likes put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.library.followers import TrackFollowers
from domain.library.services.listen import TrackListening
from domain.likes.documents import LikeCountDocument, LikeDocument
from domain.likes.service import LikeService
from domain.likes.services.count import LikeCounting
from domain.likes.services.follow_track import LikeFollower
from domain.likes.services.personal_data import LikePersonalData
from domain.likes.store import LikeStore
from graphql_api.likes.mutations import LikeMutation
from graphql_api.likes.queries import LikeQuery


def build(kit: Kit) -> Sequence[object]:
    store = LikeStore()
    counting = LikeCounting(store, kit.transactions)
    kit.services.get(TrackFollowers).add(LikeFollower(store))
    return [
        LikeService(store, kit.services.get(TrackListening), kit.clock),
        counting,
        LikePersonalData(store, counting),
    ]


AREA = Area(
    name="likes",
    documents=[LikeDocument, LikeCountDocument],
    build=build,
    personal=LikePersonalData,
    queries=[LikeQuery],
    mutations=[LikeMutation],
)
