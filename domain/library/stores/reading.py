"""In which forms tracks are read: what MongoDB sends of them, and what is made of that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.library.documents import UNREAD
from domain.library.listed import ListedTrack
from domain.library.model import Track
from domain.library.stores.records import Raw, to_track

T = TypeVar("T")


@dataclass(frozen=True)
class Form(Generic[T]):
    """`sent` names the fields that are sent, or those that are not."""

    sent: Mapping[str, bool]
    make: Callable[[Raw], T]


def _listed(raw: Raw) -> ListedTrack:
    """Of the owner's own."""
    current = raw["current"]
    analysis = current["analysis"]
    return ListedTrack(
        raw["_id"],
        raw["title"],
        raw["artist"],
        raw["genre"],
        raw.get("description", ""),
        raw["created_at"],
        current["duration_seconds"],
        current["bpm"] or analysis["tempo_bpm"],
        analysis["loudness_lufs"],
        analysis["true_peak_dbtp"],
        True,
    )


WHOLE: Form[Track] = Form(UNREAD, to_track)
LISTED: Form[ListedTrack] = Form(
    dict.fromkeys(
        (
            "title",
            "artist",
            "genre",
            "description",
            "created_at",
            "current.duration_seconds",
            "current.bpm",
            "current.analysis.tempo_bpm",
            "current.analysis.loudness_lufs",
            "current.analysis.true_peak_dbtp",
        ),
        True,
    ),
    _listed,
)
