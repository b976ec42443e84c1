"""How tracks look to players: each is a song, and the one song on an album that has its name, as singles are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from domain.library.facets import folded
from domain.library.model import Shelf, Track
from domain.library.sharing import SeenTrack
from domain.likes.model import NO_LIKES, TrackLikes
from domain.likes.service import LikeService
from domain.plays.services.history import PlayHistory
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.identifiers import album_id, artist_id, song_id
from graphql_api.subsonic.replies import Element

IGNORED_ARTICLES = "The A An"
MP3_KILOBITS = 320
# What ReplayGain 2.0 brings tracks to, in LUFS.
REFERENCE_LOUDNESS = -18.0


@dataclass(frozen=True)
class Shown:
    """A track with what is counted of it."""

    seen: SeenTrack
    likes: TrackLikes
    plays: int

    @property
    def track(self) -> Track:
        return self.seen.track


async def shown(call: Call, seen: Iterable[SeenTrack]) -> Sequence[Shown]:
    """In three queries, whatever their number."""
    tracks = list(seen)
    ids = [each.track.id for each in tracks]
    if not ids:
        return []
    likes = await call.get(LikeService).likes_of(call.caller, ids)
    plays = await call.get(PlayHistory).counts(ids)
    return [Shown(each, likes.get(each.track.id, NO_LIKES), plays.get(each.track.id, 0)) for each in tracks]


def own(tracks: Iterable[Track]) -> Sequence[SeenTrack]:
    return [SeenTrack(track, is_own=True) for track in tracks]


def song(each: Shown) -> Element:
    """A `Child` that is no folder."""
    track, facts = each.track, each.track.current
    loudness = facts.analysis
    return {
        "id": song_id(track.id),
        "parent": album_id(track.id),
        "isDir": False,
        "title": track.title,
        "album": track.title,
        "track": 1,
        "discNumber": 1,
        "contentType": "audio/mpeg",
        "suffix": "mp3",
        "bitRate": MP3_KILOBITS,
        "path": f"{_for_path(track.artist)}/{_for_path(track.title)}/01 {_for_path(track.title)}.mp3",
        "albumId": album_id(track.id),
        "type": "music",
        "mediaType": "song",
        "isVideo": False,
        "bpm": round(facts.bpm or loudness.tempo_bpm),
        "comment": track.description,
        "replayGain": {
            "trackGain": round(REFERENCE_LOUDNESS - loudness.loudness_lufs, 2),
            "trackPeak": round(10 ** (loudness.true_peak_dbtp / 20), 6),
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
    parent = artist_id(each.track.artist) if each.seen.is_own else None
    return {
        "id": album_id(each.track.id),
        "parent": parent,
        "isDir": True,
        "title": each.track.title,
        "album": each.track.title,
        **_said(each),
    }


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
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _said(each: Shown) -> Mapping[str, Any]:
    """What songs, albums and folders have in common. An artist is only a place in one's own library."""
    track = each.track
    known = artist_id(track.artist) if each.seen.is_own else None
    artists = [] if known is None else [{"id": known, "name": track.artist}]
    return {
        "artist": track.artist,
        "artistId": known,
        "displayArtist": track.artist,
        "artists": artists,
        "genre": track.genre or None,
        "genres": [{"name": track.genre}] if track.genre else [],
        "coverArt": album_id(track.id),
        "duration": ceil(track.current.duration_seconds),
        "year": track.created_at.year,
        "created": moment(track.created_at),
        "sortName": sort_name(track.title),
        "playCount": each.plays,
        "starred": None if each.likes.liked_at is None else moment(each.likes.liked_at),
    }


def _for_path(name: str) -> str:
    return name.replace("/", "_")
