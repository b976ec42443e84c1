"""A like, and what is shown of the likes of a track. Pure data."""

from dataclasses import dataclass
from datetime import datetime

from domain.library.sharing import SeenTrack


@dataclass(frozen=True)
class Like:
    """`place` ascends with time and is where it stands in the person's list."""

    place: str
    track_id: str
    liked_at: datetime


@dataclass(frozen=True)
class LikedTrack:
    """A like of a track that the person may still see."""

    like: Like
    seen: SeenTrack


@dataclass(frozen=True)
class LikedPage:
    """Part of a person's list. `end` is where it ends, which may be a like of something that is not shown any more."""

    items: tuple[LikedTrack, ...]
    has_next: bool
    end: str | None


@dataclass(frozen=True)
class TrackLikes:
    """How many people like a track, whether the viewer is one of them, and since when."""

    count: int
    has_liked: bool
    liked_at: datetime | None = None


NO_LIKES = TrackLikes(0, has_liked=False)
