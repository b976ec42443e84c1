"""Endpoints that give the words of a song."""

from domain.kit.keyset import SortedPageRequest
from domain.library.facets import folded, words_of
from domain.library.listing import MAX_SEARCHED, NEWEST_FIRST, TrackFilter
from domain.library.lrc import lines_of, text_of
from domain.library.lyrics import LyricLine, Lyrics
from domain.library.model import Track
from domain.library.service import LibraryService
from graphql_api.subsonic.browsing import seen_track
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.replies import Element

# RFC 5646 and ISO 639 write it so when nobody knows.
UNKNOWN_LANGUAGE = "und"
LOOKED_AT = 50


async def get_lyrics_by_song_id(call: Call) -> Element:
    """Line by line, with times where they are known."""
    track = (await seen_track(call, call.parameters.required("id"))).track
    found = [] if track.lyrics is None else [_structured(track, track.lyrics)]
    return {"lyricsList": {"structuredLyrics": found}}


async def get_lyrics(call: Call) -> Element:
    """By title and artist; of none that fits, no words."""
    title, artist = call.parameters.text("title") or "", call.parameters.text("artist") or ""
    words = words_of([title], MAX_SEARCHED)
    if not words:
        return {"lyrics": {"value": ""}}
    wanted = TrackFilter(text=" ".join(words)[:200])
    found = await call.get(LibraryService).tracks(call.caller, SortedPageRequest(NEWEST_FIRST, LOOKED_AT), wanted)
    for track in found.items:
        is_meant = folded(track.title) == folded(title) and (not artist or folded(track.artist) == folded(artist))
        if is_meant and track.lyrics is not None:
            return {"lyrics": {"artist": track.artist, "title": track.title, "value": text_of(track.lyrics)}}
    return {"lyrics": {"value": ""}}


def _structured(track: Track, lyrics: Lyrics) -> Element:
    """The offset is in the times already."""
    return {
        "displayArtist": track.artist,
        "displayTitle": track.title,
        "lang": lyrics.language or UNKNOWN_LANGUAGE,
        "offset": 0,
        "synced": lyrics.is_synchronised,
        "line": [_line(line) for line in lines_of(lyrics)],
    }


def _line(line: LyricLine) -> Element:
    return {"start": line.start_ms, "value": line.text}
