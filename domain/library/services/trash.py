"""Into the trash, out of it again, and out of the world."""

from dataclasses import replace

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page
from domain.kit.transactions import Session, Transactions
from domain.library.followers import TrackFollowers
from domain.library.model import Track, Visibility
from domain.library.services.publishing import PublishingRight
from domain.library.sharing import is_open, restored
from domain.library.stores.library import LibraryStore
from domain.library.stores.moderation import ModerationStore
from domain.library.stores.trash import TrashStore
from domain.library.trash import TrashedTrack


class TrackTrash:
    """A track in the trash is not found anywhere else, with all that other areas keep of it.

    A song that is still being made is no track yet, so there is nothing to throw away before it is whole.
    """

    def __init__(
        self,
        store: TrashStore,
        library: LibraryStore,
        followers: TrackFollowers,
        moderation: ModerationStore,
        publishing: PublishingRight,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._library = library
        self._followers = followers
        self._moderation = moderation
        self._publishing = publishing
        self._transactions = transactions
        self._clock = clock

    async def trash(self, caller: Caller, track_id: str) -> TrashedTrack:
        """Again is no failure and gives no more time. Raises `NotFound`."""

        async def work(session: Session) -> TrashedTrack:
            return (await self.trash_in(session, caller, track_id))[0]

        return await self._transactions.run(work)

    async def trash_in(self, session: Session, caller: Caller, track_id: str) -> tuple[TrashedTrack, bool]:
        """As `trash`, inside a transaction of the caller's; and whether it was not in the trash before."""
        owner_id = caller.require(Scope.LIBRARY)
        trashed = await self._store.trash(owner_id, track_id, self._clock.now(), session)
        if trashed is not None:
            await self._followers.hide(track_id, True, session)
            return trashed, True
        if (found := await self._store.find(owner_id, track_id, session)) is None:
            raise NotFound("track", track_id)
        return found, False

    async def restore(self, caller: Caller, track_id: str) -> Track:
        """As it was. Again is no failure. Raises `NotFound`, also once it is being deleted for good.

        A public one that comes back by somebody who may not publish is not public any more.
        """

        async def work(session: Session) -> Track:
            return (await self.restore_in(session, caller, track_id))[0]

        return await self._transactions.run(work)

    async def restore_in(self, session: Session, caller: Caller, track_id: str) -> tuple[Track, bool]:
        """As `restore`, inside a transaction of the caller's; and whether it was in the trash before."""
        owner_id = caller.require(Scope.LIBRARY)
        track = await self._store.restore(owner_id, track_id, session)
        if track is not None:
            await self._followers.hide(track_id, False, session)
            if track.sharing.visibility is Visibility.PUBLIC and not await self._publishing.has(caller):
                track = await self._closed(track, session)
            return track, True
        if (found := await self._library.find_track(owner_id, track_id, session)) is None:
            raise NotFound("track in the trash", track_id)
        return found, False

    async def _closed(self, track: Track, session: Session) -> Track:
        sharing = restored(track.sharing)
        if is_open(track.sharing) and not is_open(sharing):
            await self._moderation.keep_shared(track, session)
        closed = replace(track, sharing=sharing, revision=track.revision + 1, changed_at=self._clock.now())
        if (saved := await self._library.save(closed, session)) is None:
            raise NotFound("track in the trash", track.id)
        return saved

    async def delete_forever(self, caller: Caller, track_id: str, session: Session | None = None) -> None:
        """Only what is in the trash; the janitor removes its objects and records. Raises `NotFound`."""
        if not await self._store.doom(caller.require(Scope.LIBRARY), track_id, self._clock.now(), session):
            raise NotFound("track in the trash", track_id)

    async def page(self, caller: Caller, page: SortedPageRequest) -> Page[TrashedTrack]:
        return await self._store.page(caller.require(Scope.LIBRARY), page)
