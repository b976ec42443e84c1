"""Endpoints that list albums and songs in some order, by genre, and by chance, and that search."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from domain.kit.keyset import Order
from domain.library.facets import folded, words_of
from domain.library.listed import ListedTrack, listed
from domain.library.listing import MAX_SEARCHED, NEWEST_FIRST, ORDERS, TrackFilter, TrackSort
from domain.library.services.catalogue import MOST_AT_ONCE, TrackCatalogue
from domain.library.services.listen import TrackListening
from domain.plays.services.history import PlayHistory
from graphql_api.subsonic import shapes
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.liking import liked
from graphql_api.subsonic.replies import Element

BY_TITLE = ORDERS[TrackSort.TITLE_ASC]
OLDEST_FIRST = ORDERS[TrackSort.CREATED_AT_ASC]
USUAL = 10
FIRST_YEAR, LAST_YEAR = 1, 9998

Part = Callable[[Call, int, int], Awaitable[Sequence[ListedTrack]]]


async def get_album_list2(call: Call) -> Element:
    return {"albumList2": {"album": [shapes.album(each) for each in await _listed(call)]}}


async def get_album_list(call: Call) -> Element:
    return {"albumList": {"album": [shapes.folder(each) for each in await _listed(call)]}}


async def get_random_songs(call: Call) -> Element:
    given = call.parameters
    genre = given.text("genre")
    years = _in_years(given.number("fromYear", FIRST_YEAR), given.number("toYear", LAST_YEAR))
    wanted = TrackFilter(
        genres=None if genre is None else (genre,),
        created_after=years.created_after,
        created_before=years.created_before,
    )
    tracks = await call.get(TrackCatalogue).some(call.caller, _size(call, "size"), wanted)
    return {"randomSongs": {"song": await _songs(call, tracks)}}


async def get_songs_by_genre(call: Call) -> Element:
    wanted = TrackFilter(genres=(call.parameters.required("genre"),))
    skip, size = call.parameters.number("offset", 0), _size(call, "count")
    tracks = await call.get(TrackCatalogue).tracks(call.caller, NEWEST_FIRST, skip, size, wanted)
    return {"songsByGenre": {"song": await _songs(call, tracks)}}


async def search3(call: Call) -> Element:
    artists, albums, songs = await _search(call)
    return {
        "searchResult3": {
            "artist": artists,
            "album": [shapes.album(each) for each in albums],
            "song": [shapes.song(each) for each in songs],
        }
    }


async def search2(call: Call) -> Element:
    artists, albums, songs = await _search(call)
    return {
        "searchResult2": {
            "artist": artists,
            "album": [shapes.folder(each) for each in albums],
            "song": [shapes.song(each) for each in songs],
        }
    }


async def _search(call: Call) -> tuple[list[Element], Sequence[shapes.Shown], Sequence[shapes.Shown]]:
    """Everything for the empty query, which some write as two quotation marks; nothing for one without words."""
    query = (call.parameters.text("query") or "").strip().strip('"')
    words = words_of([query], MAX_SEARCHED)
    if query and not words:
        return [], [], []
    wanted = TrackFilter(text=" ".join(words) if words else None)
    order = NEWEST_FIRST if words else BY_TITLE
    return await _artists_with(call, words), *await _found(call, order, wanted)


async def _found(
    call: Call, order: Order, wanted: TrackFilter
) -> tuple[Sequence[shapes.Shown], Sequence[shapes.Shown]]:
    """Albums and songs. They are the same tracks, so where both begin at the same place they are read once."""
    (skip, albums), (other, songs) = (_part(call, kind) for kind in ("album", "song"))
    if not albums or not songs or skip == other:
        found = await _slice(call, order, skip if albums else other, max(albums, songs), wanted)
        return found[:albums], found[:songs]
    return await _slice(call, order, skip, albums, wanted), await _slice(call, order, other, songs, wanted)


def _part(call: Call, kind: str) -> tuple[int, int]:
    return call.parameters.number(f"{kind}Offset", 0), _size(call, f"{kind}Count", 20)


async def _slice(call: Call, order: Order, skip: int, size: int, wanted: TrackFilter) -> Sequence[shapes.Shown]:
    tracks = await call.get(TrackCatalogue).tracks(call.caller, order, skip, size, wanted)
    return await shapes.shown(call, tracks)


async def _artists_with(call: Call, words: Sequence[str]) -> list[Element]:
    """Those in whose names words begin with all of these."""
    skip, size = call.parameters.number("artistOffset", 0), _size(call, "artistCount", 20)
    if not size:
        return []
    names = [
        name
        for name in await call.get(TrackCatalogue).artist_names(call.caller)
        if all(any(own.startswith(word) for own in folded(name).split()) for word in words)
    ]
    shelves = await call.get(TrackCatalogue).artists_named(call.caller, names[skip : skip + size])
    return [shapes.artist(shelf) for shelf in shelves]


async def _songs(call: Call, seen: Sequence[ListedTrack]) -> list[Element]:
    return [shapes.song(each) for each in await shapes.shown(call, seen)]


async def _listed(call: Call) -> Sequence[shapes.Shown]:
    kind = call.parameters.required("type")
    part = LISTS.get(kind)
    if part is None:
        raise Failed(Code.GENERIC, f"There is no list of the type {kind[:40]!r}. There are: {', '.join(LISTS)}.")
    return await shapes.shown(call, await part(call, call.parameters.number("offset", 0), _size(call, "size")))


async def _newest(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    return await call.get(TrackCatalogue).tracks(call.caller, NEWEST_FIRST, skip, size)


async def _by_name(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    return await call.get(TrackCatalogue).tracks(call.caller, BY_TITLE, skip, size)


async def _by_artist(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    return await call.get(TrackCatalogue).by_artist(call.caller, skip, size)


async def _by_genre(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    wanted = TrackFilter(genres=(call.parameters.required("genre"),))
    return await call.get(TrackCatalogue).tracks(call.caller, BY_TITLE, skip, size, wanted)


async def _by_year(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    """The latest first when the first year is the later one."""
    for name in ("fromYear", "toYear"):
        call.parameters.required(name)
    first, last = call.parameters.number("fromYear", FIRST_YEAR), call.parameters.number("toYear", LAST_YEAR)
    order = NEWEST_FIRST if first > last else OLDEST_FIRST
    wanted = _in_years(min(first, last), max(first, last))
    return await call.get(TrackCatalogue).tracks(call.caller, order, skip, size, wanted)


async def _random(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    return await call.get(TrackCatalogue).some(call.caller, size)


async def _recent(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    """What one has listened to, also of others, as long as it may still be heard."""
    return (await _seen(call, await call.get(PlayHistory).recent(call.caller)))[skip : skip + size]


async def _frequent(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    return await _seen(call, await call.get(PlayHistory).most_played(call.caller, skip, size) if size else [])


async def _highest(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    """Nobody rates anything here."""
    return []


async def _starred(call: Call, skip: int, size: int) -> Sequence[ListedTrack]:
    return (await liked(call))[skip : skip + size]


async def _seen(call: Call, track_ids: Sequence[str]) -> Sequence[ListedTrack]:
    found = await call.get(TrackListening).by_id(call.caller, track_ids) if track_ids else {}
    return [listed(found[track_id]) for track_id in track_ids if track_id in found]


def _in_years(first: int, last: int) -> TrackFilter:
    """By when a track was made, in UTC."""
    first, last = (max(FIRST_YEAR, min(LAST_YEAR, year)) for year in (first, last))
    begin, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    return TrackFilter(created_after=begin, created_before=end)


def _size(call: Call, name: str, otherwise: int = USUAL) -> int:
    return call.parameters.number(name, otherwise, most=MOST_AT_ONCE)


LISTS: Mapping[str, Part] = {
    "newest": _newest,
    "recent": _recent,
    "frequent": _frequent,
    "starred": _starred,
    "alphabeticalByName": _by_name,
    "alphabeticalByArtist": _by_artist,
    "byGenre": _by_genre,
    "byYear": _by_year,
    "random": _random,
    "highest": _highest,
}
