"""Endpoints that walk through a library: artists, their albums, songs."""

from collections.abc import Sequence

from domain.kit.errors import NotFound
from domain.kit.keyset import SortedPageRequest
from domain.library.facets import folded
from domain.library.listed import ListedTrack, listed
from domain.library.listing import ORDERS, TrackSort
from domain.library.model import Shelf
from domain.library.service import LibraryService
from domain.library.services.catalogue import TrackCatalogue
from domain.library.services.listen import TrackListening
from domain.library.sharing import SeenTrack
from graphql_api.subsonic import shapes
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.identifiers import ARTIST, artist_of, missing, track_of
from graphql_api.subsonic.replies import Element

# An artist's albums come in one reply; of more, the newest do, and lists of albums have all, page by page.
MOST_ALBUMS = 5_000
LATEST_CHANGED = ORDERS[TrackSort.UPDATED_AT_DESC]


async def get_artists(call: Call) -> Element:
    shelves = await call.get(TrackCatalogue).artists(call.caller)
    return {"artists": {"ignoredArticles": shapes.IGNORED_ARTICLES, "index": shapes.indexed(shelves)}}


async def get_indexes(call: Call) -> Element:
    """All of it at each call: when anything was last changed is the time of the latest change of a track."""
    shelves = await call.get(TrackCatalogue).artists(call.caller)
    latest = (await call.get(LibraryService).tracks(call.caller, SortedPageRequest(LATEST_CHANGED, 1))).items
    changed = int(latest[0].updated_at.timestamp() * 1000) if latest else 0
    index = shapes.indexed(shelves)
    return {"indexes": {"lastModified": changed, "ignoredArticles": shapes.IGNORED_ARTICLES, "index": index}}


async def get_artist(call: Call) -> Element:
    name = artist_of(call.parameters.required("id"))
    tracks = await _of_artist(call, name)
    albums = [shapes.album(each) for each in await shapes.shown(call, tracks)]
    return {"artist": {**shapes.artist(Shelf(name, len(tracks), tracks[0].id)), "album": albums}}


async def get_album(call: Call) -> Element:
    (each,) = await shapes.shown(call, [listed(await seen_track(call, call.parameters.required("id")))])
    return {"album": {**shapes.album(each), "song": [shapes.song(each)]}}


async def get_song(call: Call) -> Element:
    (each,) = await shapes.shown(call, [listed(await seen_track(call, call.parameters.required("id")))])
    return {"song": shapes.song(each)}


async def get_music_directory(call: Call) -> Element:
    """For clients that know of folders only: an artist has albums, and an album has its song."""
    given = call.parameters.required("id")
    if given.startswith(ARTIST):
        name = artist_of(given)
        found = await shapes.shown(call, await _of_artist(call, name))
        return {"directory": {"id": given, "name": name, "child": [shapes.folder(each) for each in found]}}
    (each,) = await shapes.shown(call, [listed(await seen_track(call, given))])
    about = shapes.folder(each)
    head = {"id": given, "parent": about.get("parent"), "name": each.track.title, "starred": about.get("starred")}
    return {"directory": {**head, "child": [shapes.song(each)]}}


async def get_genres(call: Call) -> Element:
    """Those that differ in case or accents only are one, under the name that comes first."""
    found: dict[str, tuple[str, int]] = {}
    for shelf in await call.get(TrackCatalogue).genres(call.caller):
        name, tracks = found.get(folded(shelf.name), (shelf.name, 0))
        found[folded(shelf.name)] = (name, tracks + shelf.tracks)
    genres = [
        {"value": name, "songCount": tracks, "albumCount": tracks}
        for key, (name, tracks) in sorted(found.items())
        if key
    ]
    return {"genres": {"genre": genres}}


async def seen_track(call: Call, given: str) -> SeenTrack:
    """One's own track or a public one, by the id of a song or an album. Raises `Failed` and `NotFound`."""
    track_id = track_of(given)
    found = (await call.get(TrackListening).by_id(call.caller, [track_id])).get(track_id)
    if found is None:
        raise NotFound("song", given)
    return found


async def _of_artist(call: Call, name: str) -> Sequence[ListedTrack]:
    """The newest first. Raises `Failed` for an artist without any."""
    tracks = await call.get(TrackCatalogue).of_artist(call.caller, name, MOST_ALBUMS)
    if not tracks:
        raise missing("artist", name)
    return tracks
