"""How a library can be listed: in which order, and which tracks of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kit.errors import Issue
from domain.kit.keyset import Key, KeyKind, Order, Place
from domain.library.facets import folded, key_name, title_key, words_of
from domain.library.model import Track, VersionKind

MAX_CHOICES = 20
MAX_TEXT = 200
MAX_SEARCHED = 10


class TrackSort(StrEnum):
    CREATED_AT_DESC = "CREATED_AT_DESC"
    CREATED_AT_ASC = "CREATED_AT_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    TITLE_ASC = "TITLE_ASC"
    TITLE_DESC = "TITLE_DESC"
    DURATION_ASC = "DURATION_ASC"
    DURATION_DESC = "DURATION_DESC"


ORDERS: Mapping[TrackSort, Order] = {
    sort: Order(sort.value, kind, is_descending=sort.value.endswith("_DESC"))
    for sort, kind in {
        TrackSort.CREATED_AT_DESC: KeyKind.MOMENT,
        TrackSort.CREATED_AT_ASC: KeyKind.MOMENT,
        TrackSort.UPDATED_AT_DESC: KeyKind.MOMENT,
        TrackSort.TITLE_ASC: KeyKind.TEXT,
        TrackSort.TITLE_DESC: KeyKind.TEXT,
        TrackSort.DURATION_ASC: KeyKind.NUMBER,
        TrackSort.DURATION_DESC: KeyKind.NUMBER,
    }.items()
}
NEWEST_FIRST = ORDERS[TrackSort.CREATED_AT_DESC]

_KEYS: Mapping[str, Callable[[Track], Key]] = {
    "CREATED_AT": lambda track: track.created_at,
    "UPDATED_AT": lambda track: track.updated_at,
    "TITLE": lambda track: title_key(track.title),
    "DURATION": lambda track: track.current.duration_seconds,
}


def place_of(order: Order, track: Track) -> Place:
    return Place(_KEYS[order.name.rpartition("_")[0]](track), track.id)


@dataclass(frozen=True)
class TrackFilter:
    """Tracks that fit everything that is given: any of the genres and kinds, all of the tags and words.

    `artist` is the name just as it is written.

    Moments reach from `created_after` to just before `created_before`; numbers include both ends.
    """

    genres: tuple[str, ...] | None = None
    artist: str | None = None
    tags: tuple[str, ...] = ()
    kinds: tuple[VersionKind, ...] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    min_bpm: float | None = None
    max_bpm: float | None = None
    key_scale: str | None = None
    min_duration_seconds: float | None = None
    max_duration_seconds: float | None = None
    text: str | None = None

    @property
    def folded_genres(self) -> list[str] | None:
        return None if self.genres is None else [folded(genre) for genre in self.genres]

    @property
    def folded_tags(self) -> list[str]:
        return [folded(tag) for tag in self.tags]

    @property
    def key(self) -> str | None:
        return None if self.key_scale is None else key_name(self.key_scale)

    @property
    def words(self) -> list[str]:
        """With which words of a track have to begin, the longest first, because fewest begin with it."""
        return sorted(words_of([self.text or ""], MAX_SEARCHED + 1), key=len, reverse=True)


ALL_TRACKS = TrackFilter()


def filter_issues(wanted: TrackFilter) -> list[Issue]:
    issues = []
    for path, choices in (("genres", wanted.genres or ()), ("tags", wanted.tags)):
        if len(choices) > MAX_CHOICES:
            issues.append(Issue(path, f"At most {MAX_CHOICES} {path} can be asked for at once."))
    if wanted.key_scale is not None and wanted.key is None:
        issues.append(Issue("keyScale", f"{wanted.key_scale[:80]!r} is not a key. Write it like 'A minor' or 'F#'."))
    if wanted.text is not None:
        issues += _text_issues(wanted)
    return issues


def _text_issues(wanted: TrackFilter) -> list[Issue]:
    if len(wanted.text or "") > MAX_TEXT:
        return [Issue("text", f"A search has at most {MAX_TEXT} characters.")]
    if not 1 <= len(wanted.words) <= MAX_SEARCHED:
        return [Issue("text", f"A search has 1 to {MAX_SEARCHED} words, of letters or digits.")]
    return []
