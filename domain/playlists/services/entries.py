"""What stands in a playlist: reading it, adding, moving and removing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.errors import Forbidden, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.keyset import SortedPageRequest
from domain.kit.transactions import DuplicateKey, Session, Transactions
from domain.library.services.listen import TrackListening
from domain.playlists.errors import PlaylistFull, PlaylistIsSmart
from domain.playlists.model import MAX_ENTRIES, Entry, EntryPage, Playlist, SeenEntry, many_issues
from domain.playlists.ranks import is_crowded, ranks_between
from domain.playlists.services.manage import person
from domain.playlists.stores.entries import EntryStore
from domain.playlists.stores.playlists import PlaylistStore

# How often somebody else may come to the very same place first.
TRIES = 10


@dataclass(frozen=True)
class Additions:
    """What to add: behind an entry, at the start, or else at the end; `skips_present` leaves out what is there."""

    track_ids: tuple[str, ...]
    after_entry_id: str | None = None
    at_start: bool = False
    skips_present: bool = False


class PlaylistEntries:
    """Places are told by neighbours, not by numbers, so what several people do at the same time does not clash.

    Changes are for the owner and collaborators; all raise `NotFound`, `Forbidden` and `PlaylistIsSmart`.
    """

    def __init__(
        self,
        playlists: PlaylistStore,
        entries: EntryStore,
        listening: TrackListening,
        idempotency: Idempotency,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._playlists = playlists
        self._entries = entries
        self._listening = listening
        self._idempotency = idempotency
        self._transactions = transactions
        self._clock = clock

    async def pages(
        self, caller: Caller, editable: Mapping[str, bool], page: SortedPageRequest
    ) -> Mapping[str, EntryPage]:
        """The same page of playlists that the caller was shown, in three queries; whether they edit it, by id.

        An entry whose track the caller may not see is shown, without the track, to who added it, and to nobody else.
        """
        found = await self._entries.pages(list(editable), page)
        seen = await self._seen(caller, [entry for part in found.values() for entry in part.items], editable)
        return {
            playlist_id: EntryPage(
                [seen[entry.id] for entry in part.items if entry.id in seen],
                part.has_next,
                part.items[-1].place if part.items else None,
            )
            for playlist_id, part in found.items()
        }

    async def by_id(self, caller: Caller, entry_ids: Sequence[str]) -> Mapping[str, SeenEntry]:
        """Those among these that the caller may see, in four queries."""
        found = await self._entries.find(entry_ids)
        playlists = await self._playlists.find(caller.account_id, [entry.playlist_id for entry in found])
        editable = {each: playlist.is_edited_by(caller.account_id) for each, playlist in playlists.items()}
        return await self._seen(caller, [entry for entry in found if entry.playlist_id in playlists], editable)

    async def add(self, caller: Caller, playlist_id: str, new: Additions, key: str | None) -> Sequence[SeenEntry]:
        """Tracks that the caller may see, in this order.

        Raises `ValidationFailed`, `PlaylistFull` and `IdempotencyConflict`.
        """
        account_id = person(caller)
        if issues := [*many_issues("trackIds", new.track_ids), *key_issues(key)]:
            raise ValidationFailed(issues)
        seen = await self._listening.by_id(caller, new.track_ids)
        if missing := [track_id for track_id in new.track_ids if track_id not in seen]:
            raise NotFound("track", missing[0])
        call = keyed_call(account_id, key, "addToPlaylist", {"playlist": playlist_id, "new": [*vars(new).items()]})

        async def work(session: Session) -> Sequence[str]:
            return await self._insert(account_id, playlist_id, new, session)

        for _ in range(TRIES):
            try:
                made, _ = await self._idempotency.once(call, work)
            except DuplicateKey:
                # somebody has moved another entry to this place at the same moment
                continue
            found = await self.by_id(caller, made)
            return [found[entry_id] for entry_id in made if entry_id in found]
        raise DuplicateKey()

    async def check(self, caller: Caller, playlist_id: str) -> None:
        """Raises `NotFound` and `Forbidden` for who may not change what stands there."""
        await self._editable(person(caller), playlist_id)

    async def append_in(self, session: Session, caller: Caller, playlist_id: str, track_id: str) -> bool:
        """Puts a track that the caller may see to the end, inside a transaction; False when it stands there already.

        Raises `PlaylistFull`, and `DuplicateKey` when somebody else comes to the same place.
        """
        account_id = person(caller)
        if track_id not in await self._listening.by_id(caller, [track_id]):
            raise NotFound("track", track_id)
        new = Additions((track_id,), skips_present=True)
        return bool(await self._insert(account_id, playlist_id, new, session))

    async def move(self, caller: Caller, playlist_id: str, entry_id: str, after_entry_id: str | None) -> SeenEntry:
        """Behind another entry, or to the start. Writes this one entry and nothing else."""
        account_id = person(caller)
        await self._editable(account_id, playlist_id)
        for _ in range(TRIES):
            entry = await self._entry(playlist_id, entry_id)
            after = None if after_entry_id is None else await self._entry(playlist_id, after_entry_id)
            if after is None or after.id != entry.id:
                before, behind = await self._entries.neighbours(playlist_id, after, at_start=after is None)
                (rank,) = ranks_between(before, behind, 1)
                try:
                    if not await self._entries.move(entry, rank):
                        raise NotFound("entry of this playlist", entry_id)
                except DuplicateKey:
                    continue
                if is_crowded(rank):
                    await self._renumber(playlist_id)
            return (await self._seen(caller, [await self._entry(playlist_id, entry_id)], {playlist_id: True}))[entry_id]
        raise DuplicateKey()

    async def remove(self, caller: Caller, playlist_id: str, entry_ids: Sequence[str]) -> int:
        """Those that are there; again is no failure. Returns how many were. Raises `ValidationFailed`."""
        account_id = person(caller)
        if issues := many_issues("entryIds", entry_ids):
            raise ValidationFailed(issues)
        await self._editable(account_id, playlist_id)

        async def work(session: Session) -> int:
            removed = await self._entries.remove(playlist_id, entry_ids, session)
            if removed and await self._playlists.grow(account_id, playlist_id, -removed, MAX_ENTRIES, session) is None:
                raise NotFound("playlist", playlist_id)
            return removed

        return await self._transactions.run(work)

    async def _insert(self, account_id: str, playlist_id: str, new: Additions, session: Session) -> Sequence[str]:
        track_ids: Sequence[str] = new.track_ids
        if new.skips_present:
            present = await self._entries.tracks_among(playlist_id, track_ids, session)
            track_ids = [track_id for track_id in dict.fromkeys(track_ids) if track_id not in present]
        if await self._playlists.grow(account_id, playlist_id, len(track_ids), MAX_ENTRIES, session) is None:
            await self._editable(account_id, playlist_id)
            raise PlaylistFull(MAX_ENTRIES, "entries")
        if not track_ids:
            return []
        after = None if new.after_entry_id is None else await self._entry(playlist_id, new.after_entry_id, session)
        before, behind = await self._entries.neighbours(playlist_id, after, new.at_start, session)
        ranks, now = ranks_between(before, behind, len(track_ids)), self._clock.now()
        entries = [
            Entry(new_id(), playlist_id, rank, track_id, account_id, now)
            for rank, track_id in zip(ranks, track_ids, strict=True)
        ]
        await self._entries.insert(entries, session)
        if any(is_crowded(rank) for rank in ranks):
            await self._entries.renumber(playlist_id, session)
        return [entry.id for entry in entries]

    async def _renumber(self, playlist_id: str) -> None:
        async def work(session: Session) -> None:
            await self._entries.renumber(playlist_id, session)

        await self._transactions.run(work)

    async def _seen(
        self, caller: Caller, entries: Sequence[Entry], editable: Mapping[str, bool]
    ) -> dict[str, SeenEntry]:
        tracks = await self._listening.by_id(caller, list({entry.track_id for entry in entries})) if entries else {}
        return {
            entry.id: SeenEntry(
                entry, tracks.get(entry.track_id), entry.added_by if editable[entry.playlist_id] else None
            )
            for entry in entries
            if entry.track_id in tracks or entry.added_by == caller.account_id
        }

    async def _editable(self, account_id: str, playlist_id: str) -> Playlist:
        playlist = (await self._playlists.find(account_id, [playlist_id])).get(playlist_id)
        if playlist is None:
            raise NotFound("playlist", playlist_id)
        if not playlist.is_edited_by(account_id):
            raise Forbidden("Only its owner and those who edit it together may change what stands in a playlist.")
        if playlist.smart is not None:
            raise PlaylistIsSmart()
        return playlist

    async def _entry(self, playlist_id: str, entry_id: str, session: Session | None = None) -> Entry:
        found = [each for each in await self._entries.find([entry_id], session) if each.playlist_id == playlist_id]
        if not found:
            raise NotFound("entry of this playlist", entry_id)
        return found[0]
