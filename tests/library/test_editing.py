"""What may be said of a track, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.kit.errors import Issue
from domain.kit.ids import new_id
from domain.library.editing import TrackChanges, change_issues, edited, with_current
from domain.library.model import Track, Version
from tests.library.factories import ANALYSIS, ORIGIN

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VERSION = Version(new_id(), new_id(), NOW, 6.0, None, None, None, ORIGIN, ANALYSIS, ())
TRACK = Track(VERSION.track_id, new_id(), "Rain", "Ada", "ambient", NOW, VERSION, tags=("wet",))


def test_a_change_touches_what_it_names_and_nothing_else() -> None:
    later = NOW + timedelta(days=1)
    changed = edited(TRACK, TrackChanges(title="Snow", tags=["cold", "white"]), later)
    assert changed == replace(TRACK, title="Snow", tags=("cold", "white"), revision=2, changed_at=later)
    assert (TRACK.updated_at, changed.updated_at) == (NOW, later)


def test_another_version_to_play_is_a_change_like_any_other() -> None:
    other = replace(VERSION, id=new_id(), duration_seconds=9.0)
    changed = with_current(edited(TRACK, TrackChanges(title="Snow"), NOW), other, NOW)
    assert (changed.current_version_id, changed.current.duration_seconds, changed.revision) == (other.id, 9.0, 3)


def test_texts_lose_the_space_around_them_and_tags_that_repeat() -> None:
    given = TrackChanges(title=" Rain \n", description="  ", tags=[" Night ", "night", "NIGHT", "nächtlich", "ß", "SS"])
    assert given.tidied() == TrackChanges(title="Rain", description="", tags=("Night", "nächtlich", "ß"))


def test_nothing_given_is_no_change() -> None:
    assert TrackChanges().tidied().is_empty
    assert not TrackChanges(description="").is_empty
    assert not TrackChanges(tags=()).is_empty


@pytest.mark.parametrize(
    "changes",
    [
        TrackChanges(title="x", artist="y", genre="", description="", tags=()),
        TrackChanges("x" * 120, "y" * 120, "z" * 60, "one\ntwo\r\n\tthree".ljust(2000, "."), ["t" * 40] * 1),
        TrackChanges(title="👩‍👩‍👧‍👦 می‌خواهم", tags=[f"tag {number}" for number in range(20)]),
    ],
    ids=["short", "long", "signs that join others"],
)
def test_what_fits_is_accepted(changes: TrackChanges) -> None:
    assert change_issues(changes.tidied()) == []


@pytest.mark.parametrize(
    ("changes", "issues"),
    [
        (TrackChanges(title=" "), [Issue("title", "A title has 1 to 120 characters.")]),
        (TrackChanges(title="x" * 121), [Issue("title", "A title has 1 to 120 characters.")]),
        (TrackChanges(title="a\nb"), [Issue("title", "A title holds no control characters.")]),
        (TrackChanges(artist=""), [Issue("artist", "An artist's name has 1 to 120 characters.")]),
        (TrackChanges(genre="x" * 61), [Issue("genre", "A genre has 0 to 60 characters.")]),
        (TrackChanges(description="x" * 2001), [Issue("description", "A description has 0 to 2,000 characters.")]),
        (TrackChanges(description="a\x00b"), [Issue("description", "A description holds no control characters.")]),
        (TrackChanges(tags=["", "x" * 41, "y" * 41]), [Issue("tags", "A tag has 1 to 40 characters.")]),
        (TrackChanges(tags=["a\tb"]), [Issue("tags", "A tag holds no control characters.")]),
        (
            TrackChanges(tags=[str(number) for number in range(21)]),
            [Issue("tags", "A track has at most 20 tags, not 21.")],
        ),
        (
            TrackChanges(title="", tags=[""]),
            [Issue("title", "A title has 1 to 120 characters."), Issue("tags", "A tag has 1 to 40 characters.")],
        ),
    ],
)
def test_what_does_not_fit_is_told_field_by_field(changes: TrackChanges, issues: list[Issue]) -> None:
    assert change_issues(changes.tidied()) == issues
