"""Deciding who may listen to a track: its owner opens and closes it."""

from dataclasses import replace

from domain.accounts.audit import SecurityEventKind
from domain.accounts.services.security_log import SecurityLog
from domain.kit.caller import Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound
from domain.kit.transactions import Session, Transactions
from domain.kit.trust.secret_links import LinkSealer
from domain.library.errors import EditConflict, TrackTakenDown
from domain.library.model import Sharing, Track, Visibility
from domain.library.services.publishing import PublishingRight
from domain.library.services.revisions import TrackRevisions
from domain.library.sharing import is_open, opened
from domain.library.stores.library import LibraryStore
from domain.library.stores.moderation import ModerationStore
from domain.library.stores.shared import SharedStore


class TrackSharing:
    """Only artists with a verified address publish; everybody may give a link away. Raises what `TrackEditing` does."""

    def __init__(
        self,
        library: LibraryStore,
        shared: SharedStore,
        moderation: ModerationStore,
        publishing: PublishingRight,
        security: SecurityLog,
        links: LinkSealer,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._library = library
        self._revisions = TrackRevisions(library)
        self._shared = shared
        self._moderation = moderation
        self._publishing = publishing
        self._security = security
        self._links = links
        self._transactions = transactions
        self._clock = clock

    async def set_visibility(
        self,
        caller: Caller,
        client: Client,
        track_id: str,
        expected_revision: int,
        visibility: Visibility,
        allows_downloads: bool | None,
    ) -> Track:
        """`allows_downloads` stays as it is when it is None. What is wanted already changes nothing.

        Raises `TrackTakenDown` and, for publishing, `Forbidden` and `EmailUnverified`.
        """
        owner_id = caller.require(Scope.LIBRARY)
        await self.check(caller, visibility)
        track = await self._revisions.expected(owner_id, track_id, expected_revision)
        sharing = self._wished(track, visibility, allows_downloads)
        return track if sharing == track.sharing else await self._save(track, sharing, client)

    async def check(self, caller: Caller, visibility: Visibility) -> None:
        """Raises `Forbidden` and `EmailUnverified` for who may not give tracks this visibility."""
        if visibility is Visibility.PUBLIC:
            await self._publishing.check(caller)

    async def set_in(
        self,
        session: Session,
        caller: Caller,
        client: Client,
        track_id: str,
        visibility: Visibility,
        allows_downloads: bool | None,
    ) -> bool:
        """As `set_visibility`, inside a transaction of the caller's, from whatever revision; False if it is so already.

        Whether the caller may is for `check` to ask.
        """
        track = await self._library.find_track(caller.require(Scope.LIBRARY), track_id, session)
        if track is None:
            raise NotFound("track", track_id)
        sharing = self._wished(track, visibility, allows_downloads)
        if sharing == track.sharing:
            return False
        if await self._write(track, sharing, client, session) is None:
            raise EditConflict(track)
        return True

    async def renew_link(self, caller: Caller, client: Client, track_id: str, expected_revision: int) -> Track:
        """From now on another secret opens the track, and the one before opens nothing. Raises `TrackTakenDown`.

        `NotFound` for a track that has no link.
        """
        track = await self._revisions.expected(caller.require(Scope.LIBRARY), track_id, expected_revision)
        if track.sharing.taken_down is not None:
            raise TrackTakenDown(track.sharing.taken_down.reason, track.sharing.taken_down.at)
        if track.sharing.link is None:
            raise NotFound("link of this track", track_id)
        return await self._save(track, replace(track.sharing, link=self._links.new()), client)

    async def secret_of(self, track: Track) -> str | None:
        """The secret of the link of a caller's own track; None when there is none."""
        link = track.sharing.link
        if link is None:
            return None
        if (anew := self._links.anew(link)) is not None:
            await self._shared.reseal(track.owner_id, track.id, link, anew)
        return self._links.secret_of(link)

    def _wished(self, track: Track, visibility: Visibility, allows_downloads: bool | None) -> Sharing:
        before = track.sharing
        if before.taken_down is not None and visibility is not Visibility.PRIVATE:
            raise TrackTakenDown(before.taken_down.reason, before.taken_down.at)
        downloads = before.allows_downloads if allows_downloads is None else allows_downloads
        return opened(before, visibility, downloads, self._links.new(), self._clock.now())

    async def _save(self, track: Track, sharing: Sharing, client: Client) -> Track:
        async def work(session: Session) -> Track | None:
            return await self._write(track, sharing, client, session)

        if (saved := await self._transactions.run(work)) is not None:
            return saved
        raise await self._revisions.overtaken(track)

    async def _write(self, track: Track, sharing: Sharing, client: Client, session: Session) -> Track | None:
        """With the line in the log of the account. What a closed track showed is kept for moderators."""
        changed = replace(track, sharing=sharing, revision=track.revision + 1, changed_at=self._clock.now())
        saved = await self._library.save(changed, session)
        if saved is not None:
            if is_open(track.sharing) and not is_open(sharing):
                await self._moderation.keep_shared(saved, session)
            kind, visibility = SecurityEventKind.TRACK_SHARED, sharing.visibility.value
            await self._security.record(track.owner_id, kind, client, session, track_id=track.id, visibility=visibility)
        return saved
