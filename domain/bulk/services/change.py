"""Doing one action to tracks, by the services that the single mutations use, inside one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from domain.bulk.model import BulkAction, BulkEdit, Tally, TrackFailure
from domain.kit.caller import Caller
from domain.kit.errors import DependencyUnavailable, DomainError
from domain.kit.transactions import Session
from domain.library.services.edit import TrackEditing
from domain.library.services.share import TrackSharing
from domain.library.services.trash import TrackTrash
from domain.likes.service import LikeService
from domain.playlists.services.entries import PlaylistEntries

Change = Callable[[Session, Caller, BulkEdit, str], Awaitable[bool]]


# These change what is said of a track.
REVISIONS = frozenset({BulkAction.ADD_TAGS, BulkAction.REMOVE_TAGS, BulkAction.SET_GENRE, BulkAction.SET_ARTIST})


class TrackChanger:
    """Each action tells whether it changed the track; what it raises is told of that track, and the others go on."""

    def __init__(
        self,
        editing: TrackEditing,
        sharing: TrackSharing,
        trash: TrackTrash,
        likes: LikeService,
        entries: PlaylistEntries,
    ) -> None:
        self._editing = editing
        self._sharing = sharing
        self._trash = trash
        self._likes = likes
        self._entries = entries
        self._actions: Mapping[BulkAction, Change] = {
            BulkAction.SET_VISIBILITY: self._share,
            BulkAction.ADD_TO_PLAYLIST: self._append,
            BulkAction.LIKE: self._like,
            BulkAction.UNLIKE: self._unlike,
            BulkAction.TRASH: self._throw_away,
            BulkAction.RESTORE: self._restore,
            BulkAction.DELETE_FOREVER: self._delete,
        }

    async def change_all(self, edit: BulkEdit, track_ids: Sequence[str], session: Session) -> Tally:
        """In this order. Raises `DuplicateKey` and `DependencyUnavailable`, which undo all of them."""
        caller = Caller(edit.owner_id, scopes=edit.scopes, credential=edit.credential)
        if edit.change.visibility is not None:
            # asked once for all: what one may do can have changed since the bulk edit was started
            await self._sharing.check(caller, edit.change.visibility)
        if edit.change.action in REVISIONS:
            return await self._revise(edit, caller, track_ids, session)
        tally = Tally()
        for track_id in track_ids:
            tally = tally.plus(await self._tried(edit, caller, track_id, session))
        return tally

    async def _tried(self, edit: BulkEdit, caller: Caller, track_id: str, session: Session) -> Tally:
        """No service writes anything before it raises one of the expected failures."""
        try:
            return _told(track_id, await self._actions[edit.change.action](session, caller, edit, track_id))
        except DependencyUnavailable:
            raise
        except DomainError as error:
            return _told(track_id, error)

    async def _revise(self, edit: BulkEdit, caller: Caller, track_ids: Sequence[str], session: Session) -> Tally:
        """What is said of tracks is read and written for all of them at once."""
        tally = Tally()
        for track_id, ending in (await self._editing.revise(caller, track_ids, edit.change.wish, session)).items():
            tally = tally.plus(_told(track_id, ending))
        return tally

    async def _share(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        change = edit.change
        if change.visibility is None:
            raise LookupError(f"the bulk edit {edit.job_id} names no visibility")
        return await self._sharing.set_in(
            session, caller, edit.client, track_id, change.visibility, change.allows_downloads
        )

    async def _append(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        return await self._entries.append_in(session, caller, edit.change.playlist_id or "", track_id)

    async def _like(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        return await self._likes.like_in(session, caller, track_id)

    async def _unlike(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        return await self._likes.unlike_in(session, caller, track_id)

    async def _throw_away(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        return (await self._trash.trash_in(session, caller, track_id))[1]

    async def _restore(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        return (await self._trash.restore_in(session, caller, track_id))[1]

    async def _delete(self, session: Session, caller: Caller, edit: BulkEdit, track_id: str) -> bool:
        await self._trash.delete_forever(caller, track_id, session)
        return True


def _told(track_id: str, ending: bool | DomainError) -> Tally:
    """Whether it was changed, or why not."""
    if isinstance(ending, DomainError):
        return Tally(failed=1, failures=(TrackFailure(track_id, ending.code, ending.message),))
    return Tally(changed=1) if ending else Tally(unchanged=1)
