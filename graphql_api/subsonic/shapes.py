"""How tracks look to players: each is a song, and the one song on an album that has its name, as singles are."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple

from domain.library.facets import folded
from domain.library.listed import ListedTrack
from domain.library.model import Shelf
from domain.likes.service import LikeService
from domain.plays.services.history import PlayHistory
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.identifiers import album_id, artist_id, song_id
from graphql_api.subsonic.replies import Element

IGNORED_ARTICLES = "The A An"
MP3_KILOBITS = 320
# What ReplayGain 2.0 brings tracks to, in LUFS.
REFERENCE_LOUDNESS = -18.0


class Shown(NamedTuple):
    """A track, since when the caller likes it, and how often it was played."""

    track: ListedTrack
    liked_at: datetime | None
    plays: int


async def shown(call: Call, tracks: Sequence[ListedTrack]) -> Sequence[Shown]:
    """In two queries, whatever their number."""
    ids = [track.id for track in tracks]
    if not ids:
        return []
    likes = await call.get(LikeService).liked_at(call.caller, ids)
    plays = await call.get(PlayHistory).counts(ids)
    return [Shown(track, likes.get(track.id), plays.get(track.id, 0)) for track in tracks]


def song(each: Shown) -> Element:
    """A `Child` that is no folder."""
    track = each.track
    album, title = album_id(track.id), _for_path(track.title)
    return {
        "id": song_id(track.id),
        "parent": album,
        "isDir": False,
        "title": track.title,
        "album": track.title,
        "track": 1,
        "discNumber": 1,
        "contentType": "audio/mpeg",
        "suffix": "mp3",
        "bitRate": MP3_KILOBITS,
        "path": f"{_for_path(track.artist)}/{title}/01 {title}.mp3",
        "albumId": album,
        "type": "music",
        "mediaType": "song",
        "isVideo": False,
        "bpm": round(track.bpm),
        "comment": track.description,
        "replayGain": {
            "trackGain": round(REFERENCE_LOUDNESS - track.loudness_lufs, 2),
            "trackPeak": round(10 ** (track.true_peak_dbtp / 20), 6),
        },
        **_said(each),
    }


def album(each: Shown) -> Element:
    """An `AlbumID3`."""
    return {
        "id": album_id(each.track.id),
        "name": each.track.title,
        "songCount": 1,
        "releaseTypes": ["Single"],
        "isCompilation": False,
        **_said(each),
    }


def folder(each: Shown) -> Element:
    """A `Child` that is a folder: the album to clients that know of folders only."""
    track = each.track
    said = _said(each)
    parent = {"parent": said["artistId"]} if track.is_own else {}
    return {"id": album_id(track.id), **parent, "isDir": True, "title": track.title, "album": track.title, **said}


def artist(shelf: Shelf) -> Element:
    """An `ArtistID3`, shown with the cover of the latest track."""
    return {
        "id": artist_id(shelf.name),
        "name": shelf.name,
        "albumCount": shelf.tracks,
        "coverArt": album_id(shelf.latest_id),
        "sortName": sort_name(shelf.name),
        "roles": ["artist"],
    }


def indexed(shelves: Iterable[Shelf]) -> list[Element]:
    """By the first letter of the name, articles aside; what begins with no letter stands under `#`."""
    found: dict[str, list[Element]] = {}
    for shelf in sorted(shelves, key=lambda each: (sort_name(each.name), each.name)):
        first = sort_name(shelf.name)[:1].upper()
        found.setdefault(first if first.isalpha() else "#", []).append(artist(shelf))
    return [{"name": letter, "artist": artists} for letter, artists in sorted(found.items())]


def sort_name(name: str) -> str:
    plain = folded(name)
    first, _, rest = plain.partition(" ")
    return rest if rest and first in IGNORED_ARTICLES.lower().split() else plain


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, with milliseconds."""
    at = at.astimezone(UTC)
    # told to write milliseconds, `isoformat` takes twice as long
    date, time = f"{at.year:04}-{at.month:02}-{at.day:02}", f"{at.hour:02}:{at.minute:02}:{at.second:02}"
    return f"{date}T{time}.{at.microsecond // 1000:03}Z"


def _said(each: Shown) -> Element:
    """What songs, albums and folders have in common. An artist is only a place in one's own library.

    What there is nothing to say of is left out here: in a reply that holds no None, no part is looked at once more.
    """
    track = each.track
    said: dict[str, Any] = {
        "artist": track.artist,
        "displayArtist": track.artist,
        "artists": [],
        "genres": [],
        "coverArt": album_id(track.id),
        "duration": ceil(track.duration_seconds),
        "year": track.created_at.year,
        "created": moment(track.created_at),
        "sortName": sort_name(track.title),
        "playCount": each.plays,
    }
    if track.is_own:
        said["artistId"] = known = artist_id(track.artist)
        said["artists"] = [{"id": known, "name": track.artist}]
    if track.genre:
        said["genre"] = track.genre
        said["genres"] = [{"name": track.genre}]
    if each.liked_at is not None:
        said["starred"] = moment(each.liked_at)
    return said


def _for_path(name: str) -> str:
    return name.replace("/", "_")
