"""A bulk edit: which tracks, what is done to each of them, and what came of it. Pure data and rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.kit.caller import UNKNOWN_CLIENT, Client, Credential, Scope
from domain.kit.errors import Issue
from domain.library.editing import TrackChanges, change_issues
from domain.library.listing import TrackFilter
from domain.library.model import Track, Visibility

JOB_KIND = "edit_tracks"
# So many ids fit into the body of a request.
MAX_IDS = 5_000
MAX_TRACKS = 10_000
MAX_FAILURES = 100
# Tracks that are changed in one transaction.
BATCH = 25


class BulkAction(StrEnum):
    """What is done to each track."""

    ADD_TAGS = "ADD_TAGS"
    REMOVE_TAGS = "REMOVE_TAGS"
    SET_GENRE = "SET_GENRE"
    SET_ARTIST = "SET_ARTIST"
    SET_VISIBILITY = "SET_VISIBILITY"
    ADD_TO_PLAYLIST = "ADD_TO_PLAYLIST"
    LIKE = "LIKE"
    UNLIKE = "UNLIKE"
    TRASH = "TRASH"
    RESTORE = "RESTORE"
    DELETE_FOREVER = "DELETE_FOREVER"

    @property
    def is_of_the_trash(self) -> bool:
        """Whether it is done to tracks that lie in the trash."""
        return self in (BulkAction.RESTORE, BulkAction.DELETE_FOREVER)


@dataclass(frozen=True)
class BulkChange:
    """An action with what it needs: the others of these are None."""

    action: BulkAction
    tags: tuple[str, ...] | None = None
    genre: str | None = None
    artist: str | None = None
    visibility: Visibility | None = None
    allows_downloads: bool | None = None
    playlist_id: str | None = None

    def wish(self, track: Track) -> TrackChanges:
        """What becomes of what is said of a track. Tags are the same in upper and lower case."""
        if self.action is BulkAction.ADD_TAGS:
            return TrackChanges(tags=(*track.tags, *(self.tags or ())))
        if self.action is BulkAction.REMOVE_TAGS:
            unwanted = {tag.strip().casefold() for tag in self.tags or ()}
            return TrackChanges(tags=tuple(tag for tag in track.tags if tag.casefold() not in unwanted))
        return TrackChanges(genre=self.genre, artist=self.artist)


# The fields that each action needs; every other is to be left out.
NEEDS: Mapping[BulkAction, str] = {
    BulkAction.ADD_TAGS: "tags",
    BulkAction.REMOVE_TAGS: "tags",
    BulkAction.SET_GENRE: "genre",
    BulkAction.SET_ARTIST: "artist",
    BulkAction.SET_VISIBILITY: "visibility",
    BulkAction.ADD_TO_PLAYLIST: "playlist_id",
}
_PATHS = {"playlist_id": "playlistId", "allows_downloads": "allowsDownloads"}


@dataclass(frozen=True)
class NewBulkEdit:
    """The tracks with these ids, or those that fit the filter now; one of the two is None."""

    change: BulkChange
    track_ids: tuple[str, ...] | None = None
    wanted: TrackFilter | None = None
    idempotency_key: str | None = None


def bulk_issues(new: NewBulkEdit) -> list[Issue]:
    """Everything that is wrong with a wish."""
    issues = [*_selection_issues(new), *_field_issues(new.change)]
    if not issues:
        issues += change_issues(_said(new.change).tidied())
    return issues


def _selection_issues(new: NewBulkEdit) -> list[Issue]:
    if (new.track_ids is None) == (new.wanted is None):
        return [Issue("trackIds", "Say which tracks: either by 'trackIds' or by 'filter', not both.")]
    if new.track_ids is not None and not 1 <= len(new.track_ids) <= MAX_IDS:
        return [Issue("trackIds", f"'trackIds' takes 1 to {MAX_IDS:,} ids, not {len(new.track_ids):,}.")]
    return []


def _field_issues(change: BulkChange) -> list[Issue]:
    needed, issues = NEEDS.get(change.action), []
    for name, value in vars(change).items():
        path = _PATHS.get(name, name)
        if name == needed and not value and name != "genre":
            issues.append(Issue(path, f"{change.action} needs '{path}'."))
        elif name == needed and value is None:
            issues.append(Issue(path, f"{change.action} needs '{path}', which may be empty."))
        elif value is not None and name not in ("action", needed) and not _goes_along(change, name):
            issues.append(Issue(path, f"{change.action} takes no '{path}'. Leave it out."))
    return issues


def _goes_along(change: BulkChange, name: str) -> bool:
    return name == "allows_downloads" and change.action is BulkAction.SET_VISIBILITY


def _said(change: BulkChange) -> TrackChanges:
    return TrackChanges(genre=change.genre, artist=change.artist, tags=change.tags)


@dataclass(frozen=True)
class TrackFailure:
    """Why a track was not changed: the code and the sentence that its own mutation would have answered."""

    track_id: str
    code: str
    message: str


@dataclass(frozen=True)
class Tally:
    """What came of some tracks. `failures` are the first of those that failed."""

    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    failures: tuple[TrackFailure, ...] = ()

    @property
    def done(self) -> int:
        return self.changed + self.unchanged + self.failed

    def plus(self, other: "Tally") -> "Tally":
        return Tally(
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.failed + other.failed,
            (*self.failures, *other.failures)[:MAX_FAILURES],
        )


@dataclass(frozen=True)
class BulkEdit:
    """A bulk edit under its job's id, with whose it is and what the call was signed with.

    `total` is the number of tracks. Once it has succeeded, `track_ids` is empty.
    """

    job_id: str
    owner_id: str
    change: BulkChange
    track_ids: Sequence[str]
    total: int
    tally: Tally = field(default_factory=Tally)
    credential: Credential = Credential.SESSION
    scopes: frozenset[Scope] | None = None
    client: Client = UNKNOWN_CLIENT

    @property
    def next_ids(self) -> Sequence[str]:
        """The tracks that are to be changed together next."""
        return self.track_ids[self.tally.done : self.tally.done + BATCH]

    @property
    def progress(self) -> float:
        return self.tally.done / self.total if self.total else 1.0


def nominal_seconds(tracks: int) -> float:
    """What it takes on two cores with other work; the rest is learned while it runs."""
    return 0.5 + 0.004 * tracks


def deadline_seconds(tracks: int) -> float:
    return 120.0 + 0.2 * tracks
