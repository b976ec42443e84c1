"""Editing a playlist together: inviting by a link, joining, leaving."""

from dataclasses import replace

from domain.kit.caller import Caller
from domain.kit.errors import NotFound
from domain.kit.trust.secret_links import LinkSealer, hash_of
from domain.playlists.errors import PlaylistFull, PlaylistIsSmart
from domain.playlists.model import MAX_COLLABORATORS, Playlist, SeenPlaylist
from domain.playlists.services.manage import PlaylistService, person
from domain.playlists.stores.playlists import PlaylistStore


class PlaylistCollaboration:
    """Nobody edits a playlist who does not want to: whoever has the secret of the invitation may join.

    The owner's calls name the revision that was read, and raise what those of `PlaylistService` do.
    """

    def __init__(self, service: PlaylistService, store: PlaylistStore, links: LinkSealer) -> None:
        self._service = service
        self._store = store
        self._links = links

    async def set_invitation(
        self, caller: Caller, playlist_id: str, expected_revision: int, is_wanted: bool
    ) -> SeenPlaylist:
        """A new secret by which people may join, or none; the one before is good for nothing any more.

        A smart one is its owner's alone: `PlaylistIsSmart`.
        """
        playlist = await self._service.owned(caller, playlist_id, expected_revision)
        if playlist.smart is not None:
            raise PlaylistIsSmart()
        if not is_wanted and playlist.invitation is None:
            return SeenPlaylist.by(playlist.owner_id, playlist)
        return await self._service.save(replace(playlist, invitation=self._links.new() if is_wanted else None))

    async def remove(self, caller: Caller, playlist_id: str, expected_revision: int, account_id: str) -> SeenPlaylist:
        """Somebody who edits it; what they have added stays. Raises `NotFound`."""
        playlist = await self._service.owned(caller, playlist_id, expected_revision)
        if account_id not in playlist.collaborators:
            raise NotFound("collaborator", account_id)
        return await self._service.save(_without(playlist, account_id))

    async def join(self, caller: Caller, secret: str) -> SeenPlaylist:
        """Again is no failure. Raises `NotFound` and `PlaylistFull`."""
        account_id, hashed = person(caller), hash_of(secret)
        while hashed is not None and (playlist := await self._store.find_by_invitation(hashed)) is not None:
            if playlist.is_edited_by(account_id):
                return SeenPlaylist.by(account_id, playlist)
            if len(playlist.collaborators) >= MAX_COLLABORATORS:
                raise PlaylistFull(MAX_COLLABORATORS, "people who edit it beside its owner")
            # others may join at the same moment; then it is tried again on what they have left
            await self._store.save(
                replace(playlist, collaborators=(*playlist.collaborators, account_id), revision=playlist.revision + 1)
            )
        raise NotFound("invitation with this secret", secret)

    async def leave(self, caller: Caller, playlist_id: str) -> None:
        """What one has added stays. Raises `NotFound`."""
        account_id = person(caller)
        while (playlist := (await self._store.find(account_id, [playlist_id])).get(playlist_id)) is not None:
            if account_id not in playlist.collaborators:
                break
            left = replace(_without(playlist, account_id), revision=playlist.revision + 1)
            if await self._store.save(left) is not None:
                return
        raise NotFound("playlist that you edit with others", playlist_id)


def _without(playlist: Playlist, account_id: str) -> Playlist:
    return replace(playlist, collaborators=tuple(each for each in playlist.collaborators if each != account_id))
