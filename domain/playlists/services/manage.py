"""Making, describing, sharing and deleting playlists, and finding them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.accounts.identity_errors import EmailUnverified
from domain.accounts.model import Permission
from domain.accounts.service import AccountService
from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Forbidden, Issue, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session, Transactions
from domain.kit.trust.secret_links import LinkSealer, SecretLink, hash_of
from domain.library.model import Visibility
from domain.playlists.errors import PlaylistConflict, PlaylistIsSmart, TooManyPlaylists
from domain.playlists.model import MAX_PLAYLISTS, Playlist, SeenPlaylist, playlist_issues
from domain.playlists.stores.entries import EntryStore
from domain.playlists.stores.playlists import PlaylistStore


@dataclass(frozen=True)
class PlaylistChanges:
    """What is None stays as it is."""

    title: str | None = None
    description: str | None = None
    visibility: Visibility | None = None


class PlaylistService:
    """A person sees playlists that are theirs, that they edit with others, and public ones.

    Changes of a playlist are its owner's, name the revision that was read, and raise `NotFound` and `PlaylistConflict`.
    """

    def __init__(
        self,
        playlists: PlaylistStore,
        entries: EntryStore,
        accounts: AccountService,
        links: LinkSealer,
        idempotency: Idempotency,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._playlists = playlists
        self._entries = entries
        self._accounts = accounts
        self._links = links
        self._idempotency = idempotency
        self._transactions = transactions
        self._clock = clock

    async def create(self, caller: Caller, title: str, description: str, key: str | None) -> SeenPlaylist:
        """A private one. Raises `ValidationFailed`, `TooManyPlaylists` and `IdempotencyConflict`."""
        playlist = self.drafted(caller, title, description, key_issues(key))
        said = {"title": playlist.title, "description": playlist.description}
        call = keyed_call(playlist.owner_id, key, "createPlaylist", said)

        async def work(session: Session) -> Sequence[str]:
            await self.insert(playlist, session)
            return [playlist.id]

        (playlist_id,), _ = await self._idempotency.once(call, work)
        return await self.get(caller, playlist_id)

    def drafted(self, caller: Caller, title: str, description: str, others: Sequence[Issue] = ()) -> Playlist:
        """A private one that is not there yet. Raises `ValidationFailed`, with what else is wrong with the call."""
        owner_id, title, description = person(caller), title.strip(), description.strip()
        if issues := [*playlist_issues(title, description), *others]:
            raise ValidationFailed(issues)
        now = self._clock.now()
        return Playlist(new_id(), owner_id, title, description, now, now)

    async def insert(self, playlist: Playlist, session: Session) -> None:
        """Raises `TooManyPlaylists`."""
        if await self._playlists.count_owned(playlist.owner_id, session) >= MAX_PLAYLISTS:
            raise TooManyPlaylists(MAX_PLAYLISTS)
        await self._playlists.insert(playlist, session)

    async def get(self, caller: Caller, playlist_id: str) -> SeenPlaylist:
        found = await self.by_id(caller, [playlist_id])
        if playlist_id not in found:
            raise NotFound("playlist", playlist_id)
        return found[playlist_id]

    async def by_id(self, caller: Caller, playlist_ids: Sequence[str]) -> Mapping[str, SeenPlaylist]:
        """Those among these that the caller may see, in one query."""
        viewer_id = _viewer(caller)
        found = await self._playlists.find(viewer_id, playlist_ids)
        return {playlist_id: SeenPlaylist.by(viewer_id, playlist) for playlist_id, playlist in found.items()}

    async def by_secret(self, caller: Caller, secret: str) -> SeenPlaylist:
        """What a link opens. Raises `NotFound`."""
        hashed = hash_of(secret)
        playlist = None if hashed is None else await self._playlists.find_by_link(hashed)
        if playlist is None:
            raise NotFound("playlist with this link", secret)
        return SeenPlaylist.by(_viewer(caller), playlist)

    async def page(self, caller: Caller, page: PageRequest) -> Page[SeenPlaylist]:
        """The caller's own, and those that they edit with others, newest first."""
        account_id = person(caller)
        found = await self._playlists.page(account_id, page)
        return found.map(lambda playlist: SeenPlaylist.by(account_id, playlist))

    async def update(
        self, caller: Caller, playlist_id: str, expected_revision: int, changes: PlaylistChanges
    ) -> SeenPlaylist:
        """Private drops the link for good. Without any change the playlist stays at its revision.

        Raises `ValidationFailed` and, for publishing as with tracks, `Forbidden` and `EmailUnverified`. A smart one
        stays private: `PlaylistIsSmart`.
        """
        if changes.visibility is Visibility.PUBLIC:
            await self._check_artist(caller)
        title, description = _stripped(changes.title), _stripped(changes.description)
        if issues := playlist_issues(title, description):
            raise ValidationFailed(issues)
        playlist = await self.owned(caller, playlist_id, expected_revision)
        visibility = changes.visibility or playlist.visibility
        if playlist.smart is not None and visibility is not Visibility.PRIVATE:
            raise PlaylistIsSmart()
        changed = replace(
            playlist,
            title=playlist.title if title is None else title,
            description=playlist.description if description is None else description,
            visibility=visibility,
            link=self._link_of(playlist, visibility),
        )
        return SeenPlaylist.by(playlist.owner_id, playlist) if changed == playlist else await self.save(changed)

    async def renew_link(self, caller: Caller, playlist_id: str, expected_revision: int) -> SeenPlaylist:
        """Another secret for its readers. `NotFound` for a playlist that has none."""
        playlist = await self.owned(caller, playlist_id, expected_revision)
        if playlist.link is None:
            raise NotFound("link of this playlist", playlist_id)
        return await self.save(replace(playlist, link=self._links.new()))

    async def delete(self, caller: Caller, playlist_id: str) -> None:
        """With all entries; the tracks stay. Raises `NotFound`."""
        owner_id = person(caller)

        async def work(session: Session) -> bool:
            is_deleted = await self._playlists.delete(owner_id, playlist_id, session)
            if is_deleted:
                await self._entries.remove_all([playlist_id], session)
            return is_deleted

        if not await self._transactions.run(work):
            raise NotFound("playlist", playlist_id)

    async def secret_of(self, playlist: Playlist, name: str) -> str | None:
        """The secret of the `link` or the `invitation` of a caller's own playlist; None when there is none."""
        link: SecretLink | None = getattr(playlist, name)
        if link is None:
            return None
        if (anew := self._links.anew(link)) is not None:
            await self._playlists.reseal(playlist.owner_id, playlist.id, name, link, anew)
        return self._links.secret_of(link)

    async def owned(self, caller: Caller, playlist_id: str, expected_revision: int | None = None) -> Playlist:
        """For the services beside this one; raises `Forbidden` for a playlist that is another's to change."""
        owner_id = person(caller)
        playlist = (await self._playlists.find(owner_id, [playlist_id])).get(playlist_id)
        if playlist is None:
            raise NotFound("playlist", playlist_id)
        if playlist.owner_id != owner_id:
            raise Forbidden("Only its owner may change this of a playlist.")
        if expected_revision not in (None, playlist.revision):
            raise PlaylistConflict(SeenPlaylist.by(owner_id, playlist))
        return playlist

    async def save(self, changed: Playlist) -> SeenPlaylist:
        """The next revision; somebody else may have been quicker since the playlist was read."""
        owner_id = changed.owner_id
        saved = await self._playlists.save(
            replace(changed, revision=changed.revision + 1, changed_at=self._clock.now())
        )
        if saved is not None:
            return SeenPlaylist.by(owner_id, saved)
        current = (await self._playlists.find(owner_id, [changed.id])).get(changed.id)
        if current is None:
            raise NotFound("playlist", changed.id)
        raise PlaylistConflict(SeenPlaylist.by(owner_id, current))

    def _link_of(self, playlist: Playlist, visibility: Visibility) -> SecretLink | None:
        """As tracks do it: see `domain.library.sharing.opened`."""
        if visibility is Visibility.UNLISTED:
            return playlist.link or self._links.new()
        return playlist.link if visibility is Visibility.PUBLIC else None

    async def _check_artist(self, caller: Caller) -> None:
        account = await self._accounts.require(caller, Permission.PUBLISH)
        if not account.email_verified:
            raise EmailUnverified()


def person(caller: Caller) -> str:
    """Who keeps playlists; raises `Forbidden` for an organisation."""
    if caller.is_partner:
        raise Forbidden("Only people keep playlists, not organisations. Use a person's session or key.")
    return caller.require(Scope.LIBRARY)


def _viewer(caller: Caller) -> str | None:
    return None if caller.account_id is None else caller.require(Scope.LIBRARY)


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()
