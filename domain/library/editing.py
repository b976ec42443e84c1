"""What a person may say of a track, and the track as it is after that. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.kit.errors import Issue
from domain.kit.ids import new_id
from domain.kit.prose import LINE_SIGNS, text_issues
from domain.library.lyrics import Lyrics
from domain.library.model import Asset, Sharing, Track, Version, VersionFacts

MAX_TITLE = 120
MAX_ARTIST = 120
MAX_GENRE = 60
MAX_DESCRIPTION = 2_000
MAX_TAGS = 20
MAX_TAG = 40


@dataclass(frozen=True)
class TrackChanges:
    """What is None stays as it is."""

    title: str | None = None
    artist: str | None = None
    genre: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None

    @property
    def is_empty(self) -> bool:
        return all(value is None for value in vars(self).values())

    def tidied(self) -> "TrackChanges":
        """Without space around texts, and with each tag once."""
        texts = {name: _stripped(getattr(self, name)) for name in ("title", "artist", "genre", "description")}
        return TrackChanges(**texts, tags=None if self.tags is None else _each_once(self.tags))


def change_issues(changes: TrackChanges) -> list[Issue]:
    """Everything that is wrong with tidied changes, in the order of the fields."""
    issues = [
        *text_issues("title", changes.title, 1, MAX_TITLE, "A title"),
        *text_issues("artist", changes.artist, 1, MAX_ARTIST, "An artist's name"),
        *text_issues("genre", changes.genre, 0, MAX_GENRE, "A genre"),
        *text_issues("description", changes.description, 0, MAX_DESCRIPTION, "A description", LINE_SIGNS),
    ]
    tags = changes.tags or ()
    if len(tags) > MAX_TAGS:
        issues.append(Issue("tags", f"A track has at most {MAX_TAGS} tags, not {len(tags)}."))
    for found in (text_issues("tags", tag, 1, MAX_TAG, "A tag") for tag in tags):
        issues += [issue for issue in found if issue not in issues]
    return issues


def edited(track: Track, changes: TrackChanges, now: datetime) -> Track:
    """The next revision of the track."""
    fields = {name: value for name, value in vars(changes).items() if value is not None}
    if "tags" in fields:
        fields["tags"] = tuple(fields["tags"])
    return replace(track, **fields, revision=track.revision + 1, changed_at=now)


def differs(track: Track, changes: TrackChanges) -> bool:
    """Whether any of it is not so already."""
    return replace(edited(track, changes, track.updated_at), revision=track.revision, changed_at=track.changed_at) != (
        track
    )


def with_current(track: Track, current: VersionFacts, now: datetime) -> Track:
    """The next revision of the track, with another of its versions to play."""
    return replace(track, current=current, revision=track.revision + 1, changed_at=now)


def branched(track: Track, version: Version, title: str | None, now: datetime) -> tuple[Track, Version]:
    """A new track that begins with this version of another, and says of itself what that one does.

    A cover of its own stays with the other: the branch shows that of its version. It is private, and what was taken
    down cannot be opened as a branch either, until both are lifted together or the branch by itself.
    """
    down = track.sharing.taken_down
    origin = replace(version.origin, parent_id=version.id)
    first = replace(version, id=new_id(), track_id=new_id(), created_at=now, origin=origin)
    branch = Track(
        id=first.track_id,
        owner_id=track.owner_id,
        title=title or track.title,
        artist=track.artist,
        genre=track.genre,
        created_at=now,
        current=first,
        description=track.description,
        tags=track.tags,
        lyrics=track.lyrics,
        sharing=Sharing(
            taken_down=None if down is None else replace(down, with_track_id=down.with_track_id or track.id)
        ),
    )
    return branch, first


def with_lyrics(track: Track, lyrics: Lyrics | None, now: datetime) -> Track:
    """The next revision of the track, with these words or none."""
    return replace(track, lyrics=lyrics, revision=track.revision + 1, changed_at=now)


def with_own_cover(track: Track, cover: Asset | None, now: datetime) -> Track:
    """The next revision of the track, with this cover or that of its version."""
    return replace(track, own_cover=cover, revision=track.revision + 1, changed_at=now)


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()


def _each_once(tags: Iterable[str]) -> Sequence[str]:
    """As first written; two that differ only in upper and lower case are one."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag.strip().casefold(), tag.strip())
    return tuple(first.values())
