"""What lists of players show of a track. A list of thousands is made of these, so they hold nothing else. Pure."""

from datetime import datetime
from typing import NamedTuple

from domain.library.sharing import SeenTrack


class ListedTrack(NamedTuple):
    """`bpm` is as composed, else as measured; loudness is in LUFS, the peak in dBTP.

    `is_own` says whether it is the caller's own.
    """

    id: str
    title: str
    artist: str
    genre: str
    description: str
    created_at: datetime
    duration_seconds: float
    bpm: float
    loudness_lufs: float
    true_peak_dbtp: float
    is_own: bool


def listed(seen: SeenTrack) -> ListedTrack:
    track, facts = seen.track, seen.track.current
    return ListedTrack(
        track.id,
        track.title,
        track.artist,
        track.genre,
        track.description,
        track.created_at,
        facts.duration_seconds,
        facts.bpm or facts.analysis.tempo_bpm,
        facts.analysis.loudness_lufs,
        facts.analysis.true_peak_dbtp,
        seen.is_own,
    )
