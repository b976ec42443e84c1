"""Endpoints for playlists, which are the playlists of the library: what one does in a player is there everywhere.

Smart ones can be listened to, renamed and deleted.
"""

from collections.abc import Sequence
from math import ceil

from domain.accounts.services.directory import AccountDirectory
from domain.kit.errors import NotFound
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import MAX_PAGE, PageRequest
from domain.library.listed import ListedTrack, listed
from domain.library.model import Visibility
from domain.library.services.listen import TrackListening
from domain.playlists.errors import PlaylistIsSmart
from domain.playlists.model import IN_ORDER, MAX_AT_ONCE, MAX_ENTRIES, MAX_PLAYLISTS, SeenEntry, SeenPlaylist
from domain.playlists.services.entries import Additions, PlaylistEntries
from domain.playlists.services.manage import PlaylistChanges, PlaylistService
from domain.playlists.services.smart import SmartPlaylists
from domain.playlists.smart import MAX_LIMIT, SmartDefinition
from graphql_api.subsonic import shapes
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.identifiers import missing, playlist_id, playlist_of, track_of
from graphql_api.subsonic.replies import Element

# How many songs of how many playlists are looked at together to tell how long the playlists are.
SAMPLE, TOGETHER = 50, 20
COUNTED = 500


async def get_playlists(call: Call) -> Element:
    """One's own and those that one edits with others. How long one of more than 50 songs is, is guessed from these.

    Of the newest 20 smart ones at most 500 songs are counted, and none of the rest.
    """
    username = call.parameters.text("username")
    if username is not None and username != (await call.account()).display_name:
        raise Failed(Code.NOT_ALLOWED, "You may look at your own playlists only.")
    found = await _all(call)
    names = await _owners(call, found)
    told: list[Element] = []
    for start in range(0, len(found), TOGETHER):
        some = found[start : start + TOGETHER]
        pages = await call.get(PlaylistEntries).pages(
            call.caller, {each.playlist.id: each.is_edited for each in some}, SortedPageRequest(IN_ORDER, SAMPLE)
        )
        told += [_described(each, names, _guessed(each, pages[each.playlist.id].items)) for each in some]
    counted = [place for place, each in enumerate(found) if each.playlist.smart is not None][:TOGETHER]
    for place in counted:
        told[place] = await _smart(call, found[place], names)
    return {"playlists": {"playlist": told}}


async def get_playlist(call: Call) -> Element:
    return await _whole(call, playlist_of(call.parameters.required("id")))


async def create_playlist(call: Call) -> Element:
    """A new one with these songs; with `playlistId` these songs take the place of all that stand in it."""
    given = call.parameters.text("playlistId")
    songs = await _songs(call, "songId")
    service, name = call.get(PlaylistService), call.parameters.text("name")
    if given is None:
        made = await service.create(call.caller, call.parameters.required("name"), "", None)
        await _add(call, made.playlist.id, songs)
        return await _whole(call, made.playlist.id)
    found = await service.get(call.caller, playlist_of(given))
    _check_ordinary(found)
    if name is not None:
        changes = PlaylistChanges(title=name)
        await service.update(call.caller, found.playlist.id, found.playlist.revision, changes)
    before = await _entries(call, found)
    await _add(call, found.playlist.id, songs)
    await _remove(call, found.playlist.id, [each.entry.id for each in before])
    return await _whole(call, found.playlist.id)


async def update_playlist(call: Call) -> Element:
    """Songs are removed by their places as they were before anything is added."""
    found = await call.get(PlaylistService).get(call.caller, playlist_of(call.parameters.required("playlistId")))
    songs = await _songs(call, "songIdToAdd")
    if songs or call.parameters.has("songIndexToRemove"):
        _check_ordinary(found)
    gone = await _at(call, found, call.parameters.numbers("songIndexToRemove"))
    changes = _changes(call)
    if changes != PlaylistChanges():
        await call.get(PlaylistService).update(call.caller, found.playlist.id, found.playlist.revision, changes)
    await _remove(call, found.playlist.id, gone)
    await _add(call, found.playlist.id, songs)
    return {}


async def delete_playlist(call: Call) -> Element:
    await call.get(PlaylistService).delete(call.caller, playlist_of(call.parameters.required("id")))
    return {}


async def first_track(call: Call, playlist: str) -> str:
    """Whose cover a playlist is shown with. Raises `Failed`."""
    found = await call.get(PlaylistService).get(call.caller, playlist)
    if found.playlist.smart is not None:
        for seen in await _chosen(call, found.playlist.smart, 1):
            return seen.id
    page = SortedPageRequest(IN_ORDER, SAMPLE)
    entries = (await call.get(PlaylistEntries).pages(call.caller, {playlist: found.is_edited}, page))[playlist]
    for entry in entries.items:
        if entry.seen is not None:
            return entry.seen.track.id
    raise missing("cover of the playlist", playlist_id(playlist))


async def _whole(call: Call, playlist: str) -> Element:
    found = await call.get(PlaylistService).get(call.caller, playlist)
    smart = found.playlist.smart
    entries = [] if smart is not None else await _entries(call, found)
    tracks = [listed(each.seen) for each in entries if each.seen is not None]
    shown = await shapes.shown(call, tracks if smart is None else await _chosen(call, smart, MAX_LIMIT))
    seconds = sum(each.track.duration_seconds for each in shown)
    described = {**_described(found, await _owners(call, [found]), seconds), "songCount": len(shown)}
    return {"playlist": {**described, "entry": [shapes.song(each) for each in shown]}}


async def _chosen(call: Call, definition: SmartDefinition, most: int) -> Sequence[ListedTrack]:
    """The tracks that a smart playlist shows now, in order."""
    track_ids = await call.get(SmartPlaylists).track_ids(call.caller, definition, most)
    return await _known(call, track_ids)


async def _known(call: Call, track_ids: Sequence[str]) -> Sequence[ListedTrack]:
    found = await call.get(TrackListening).by_id(call.caller, track_ids) if track_ids else {}
    return [listed(found[track_id]) for track_id in track_ids if track_id in found]


async def _smart(call: Call, each: SeenPlaylist, names: dict[str, str]) -> Element:
    definition = each.playlist.smart
    track_ids = [] if definition is None else await call.get(SmartPlaylists).track_ids(call.caller, definition, COUNTED)
    known = [seen.duration_seconds for seen in await _known(call, track_ids[:SAMPLE])]
    seconds = sum(known) / max(1, len(known)) * len(track_ids)
    described = _described(each, names, seconds)
    return {**described, "songCount": len(track_ids), "coverArt": playlist_id(each.playlist.id) if track_ids else None}


def _check_ordinary(found: SeenPlaylist) -> None:
    """Before anything is changed. Raises `PlaylistIsSmart`."""
    if found.playlist.smart is not None:
        raise PlaylistIsSmart()


async def _all(call: Call) -> Sequence[SeenPlaylist]:
    found: list[SeenPlaylist] = []
    after: str | None = None
    for _ in range(MAX_PLAYLISTS // MAX_PAGE):
        page = await call.get(PlaylistService).page(call.caller, PageRequest(MAX_PAGE, after))
        found += page.items
        if not page.has_next:
            break
        after = page.items[-1].playlist.id
    return found


async def _entries(call: Call, found: SeenPlaylist) -> Sequence[SeenEntry]:
    """All whose tracks the caller may see, in order: the places that a player counts."""
    playlist, entries = found.playlist.id, list[SeenEntry]()
    page = SortedPageRequest(IN_ORDER, MAX_PAGE)
    for _ in range(MAX_ENTRIES // MAX_PAGE):
        part = (await call.get(PlaylistEntries).pages(call.caller, {playlist: found.is_edited}, page))[playlist]
        entries += [each for each in part.items if each.seen is not None]
        if not part.has_next:
            break
        page = SortedPageRequest(IN_ORDER, MAX_PAGE, part.end)
    return entries


async def _songs(call: Call, name: str) -> Sequence[str]:
    """The tracks that are to be added, all of which the caller may see. Raises `Failed` and `NotFound`."""
    track_ids = [track_of(each) for each in call.parameters.many(name)]
    for start in range(0, len(track_ids), MAX_AT_ONCE):
        some = track_ids[start : start + MAX_AT_ONCE]
        seen = await call.get(TrackListening).by_id(call.caller, some)
        if lacking := [track_id for track_id in some if track_id not in seen]:
            raise NotFound("song", lacking[0])
    return track_ids


async def _add(call: Call, playlist: str, track_ids: Sequence[str]) -> None:
    for start in range(0, len(track_ids), MAX_AT_ONCE):
        some = Additions(tuple(track_ids[start : start + MAX_AT_ONCE]))
        await call.get(PlaylistEntries).add(call.caller, playlist, some, None)


async def _remove(call: Call, playlist: str, entry_ids: Sequence[str]) -> None:
    for start in range(0, len(entry_ids), MAX_AT_ONCE):
        await call.get(PlaylistEntries).remove(call.caller, playlist, entry_ids[start : start + MAX_AT_ONCE])


async def _at(call: Call, found: SeenPlaylist, places: Sequence[int]) -> Sequence[str]:
    """The entries at these places, counted from 0; raises `Failed` for a place where nothing stands."""
    if not places:
        return []
    entries = await _entries(call, found)
    if max(places) >= len(entries):
        raise Failed(Code.NOT_FOUND, f"The playlist has no song at the place {max(places)}; it has {len(entries)}.")
    return [entries[place].entry.id for place in dict.fromkeys(places)]


async def _owners(call: Call, found: Sequence[SeenPlaylist]) -> dict[str, str]:
    accounts = await call.get(AccountDirectory).by_ids(list({each.playlist.owner_id for each in found}))
    return {account_id: account.display_name for account_id, account in accounts.items()}


def _changes(call: Call) -> PlaylistChanges:
    given = call.parameters
    visibility = None
    if given.has("public"):
        visibility = Visibility.PUBLIC if given.flag("public", False) else Visibility.PRIVATE
    comment = (given.text("comment") or "") if given.has("comment") else None
    return PlaylistChanges(given.text("name"), comment, visibility)


def _guessed(each: SeenPlaylist, sample: Sequence[SeenEntry]) -> float:
    """In seconds."""
    known = [entry.seen.track.current.duration_seconds for entry in sample if entry.seen is not None]
    if not known or each.playlist.entry_count <= SAMPLE:
        return sum(known)
    return sum(known) / len(known) * each.playlist.entry_count


def _described(each: SeenPlaylist, names: dict[str, str], seconds: float) -> Element:
    playlist = each.playlist
    return {
        "id": playlist_id(playlist.id),
        "name": playlist.title,
        "comment": playlist.description,
        "owner": names.get(playlist.owner_id),
        "public": playlist.visibility is Visibility.PUBLIC,
        "readonly": not each.is_edited or playlist.smart is not None,
        "songCount": playlist.entry_count,
        "duration": ceil(seconds),
        "created": shapes.moment(playlist.created_at),
        "changed": shapes.moment(playlist.changed_at),
        "coverArt": playlist_id(playlist.id) if playlist.entry_count else None,
    }
