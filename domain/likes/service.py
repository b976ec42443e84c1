"""Liking tracks, and looking at what one likes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Forbidden, NotFound
from domain.kit.paging import PageRequest
from domain.kit.transactions import Session
from domain.library.services.listen import TrackListening
from domain.library.sharing import SeenTrack
from domain.likes.model import LikedPage, LikedTrack, TrackLikes
from domain.likes.store import LikeStore


class LikeService:
    """A person likes what they may see by its id: their own tracks, and public ones.

    What only a link opens is not liked: the link is what opens it, and a list of likes holds no links.
    """

    def __init__(self, store: LikeStore, listening: TrackListening, clock: Clock) -> None:
        self._store = store
        self._listening = listening
        self._clock = clock

    async def like(self, caller: Caller, track_id: str) -> SeenTrack:
        """Again is no failure. Raises `NotFound`."""
        account_id = _person(caller)
        seen = (await self._listening.by_id(caller, [track_id])).get(track_id)
        if seen is None:
            raise NotFound("track", track_id)
        await self._store.like(account_id, seen.track, self._clock.now())
        return seen

    async def unlike(self, caller: Caller, track_id: str) -> SeenTrack | None:
        """Again is no failure. The track, if the caller may still see it."""
        await self._store.unlike(_person(caller), track_id)
        return (await self._listening.by_id(caller, [track_id])).get(track_id)

    async def like_in(self, session: Session, caller: Caller, track_id: str) -> bool:
        """As `like`, inside a transaction of the caller's; False if again. Raises `NotFound`."""
        account_id = _person(caller)
        seen = (await self._listening.by_id(caller, [track_id])).get(track_id)
        if seen is None:
            raise NotFound("track", track_id)
        return await self._store.like_in(session, account_id, seen.track, self._clock.now())

    async def unlike_in(self, session: Session, caller: Caller, track_id: str) -> bool:
        """As `unlike`, inside a transaction of the caller's; False if again."""
        return await self._store.unlike_in(session, _person(caller), track_id)

    async def page(self, caller: Caller, page: PageRequest) -> LikedPage:
        """Two queries. Without what is not shown any more, so it may be shorter than was asked for."""
        found = await self._store.page(_person(caller), page)
        seen = await self._listening.by_id(caller, [like.track_id for like in found.items])
        items = [LikedTrack(like, seen[like.track_id]) for like in found.items if like.track_id in seen]
        end = found.items[-1].place if found.items else None
        return LikedPage(tuple(items), found.has_next, end)

    async def own_tracks(self, caller: Caller) -> Sequence[str]:
        """The ids of all of the caller's own tracks that they like, those of the trash included."""
        return await self._store.own_tracks(_person(caller))

    async def likes_of(self, caller: Caller, track_ids: Sequence[str]) -> Mapping[str, TrackLikes]:
        """Of tracks that the caller was shown, in two queries; one without likes may be left out."""
        return await self._store.likes_of(caller.account_id, track_ids)

    async def liked_at(self, caller: Caller, track_ids: Sequence[str]) -> Mapping[str, datetime]:
        """Since when the caller likes those of these tracks that they like, in one query."""
        return await self._store.liked_at(_person(caller), track_ids)


def _person(caller: Caller) -> str:
    if caller.is_partner:
        raise Forbidden("Only people like tracks, not organisations. Use a person's session or key.")
    return caller.require(Scope.LIBRARY)
