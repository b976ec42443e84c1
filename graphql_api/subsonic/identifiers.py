"""Ids as players get them: what something is, and which. An artist is known by nothing but the name."""

import base64
import binascii
from functools import lru_cache

from domain.kit.ids import is_id
from graphql_api.subsonic.failures import Code, Failed

SONG, ALBUM, ARTIST, PLAYLIST = "tr-", "al-", "ar-", "pl-"


def song_id(track_id: str) -> str:
    return SONG + track_id


def album_id(track_id: str) -> str:
    """Of the single that a track is."""
    return ALBUM + track_id


def playlist_id(playlist_id: str) -> str:
    return PLAYLIST + playlist_id


@lru_cache(maxsize=4_096)
def artist_id(name: str) -> str:
    return ARTIST + base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def track_of(text: str) -> str:
    """The track of a song or of an album. Raises `Failed`."""
    for mark in (SONG, ALBUM):
        if text.startswith(mark) and is_id(text.removeprefix(mark)):
            return text.removeprefix(mark)
    raise missing("song or album", text)


def playlist_of(text: str) -> str:
    found = text.removeprefix(PLAYLIST)
    if text.startswith(PLAYLIST) and is_id(found):
        return found
    raise missing("playlist", text)


def artist_of(text: str) -> str:
    """The name."""
    encoded = text.removeprefix(ARTIST)
    try:
        if text.startswith(ARTIST) and encoded:
            return base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        pass
    raise missing("artist", text)


def missing(kind: str, text: str) -> Failed:
    return Failed(Code.NOT_FOUND, f"There is no {kind} with the id {text[:80]!r}.")
