"""Pages of notes, and which are kept."""

from collections.abc import Callable

import pytest

from domain.kit.audio.notes import Note, packed
from domain.kit.errors import ValidationFailed
from domain.transcription.model import MOST_NOTES, NotePage, page_of, summary, surest

NOTES = [Note(float(at), at + 1.5, 60 + at, 0.5) for at in range(10)]


def pitches(
    first: int = 100, after: int | None = None, from_seconds: float = 0.0, to_seconds: float | None = None
) -> tuple[list[int], bool]:
    page = page_of(packed(NOTES), NotePage(first, after, from_seconds, to_seconds))
    return [placed.note.pitch for placed in page.items], page.has_next


def test_pages_follow_each_other() -> None:
    assert pitches(first=4) == ([60, 61, 62, 63], True)
    assert pitches(first=4, after=4) == ([64, 65, 66, 67], True)
    assert pitches(first=4, after=8) == ([68, 69], False)
    assert pitches(first=4, after=99) == ([], False)


def test_a_part_holds_what_sounds_in_it() -> None:
    assert pitches(from_seconds=3.0, to_seconds=5.0) == ([62, 63, 64], False)
    assert pitches(from_seconds=3.5, to_seconds=5.1) == ([63, 64, 65], False)
    assert pitches(from_seconds=3.0, to_seconds=5.0, first=2) == ([62, 63], True)
    assert pitches(from_seconds=3.0, to_seconds=5.0, first=2, after=4) == ([64], False)


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        (lambda: NotePage(0), "first"),
        (lambda: NotePage(101), "first"),
        (lambda: NotePage(1, from_seconds=-0.1), "fromSeconds"),
        (lambda: NotePage(1, from_seconds=float("nan")), "fromSeconds"),
        (lambda: NotePage(1, from_seconds=2.0, to_seconds=2.0), "toSeconds"),
    ],
)
def test_what_cannot_be_asked_for_is_named(wish: Callable[[], NotePage], path: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        wish()
    assert [issue.path for issue in refusal.value.issues] == [path]


def test_a_summary_counts_and_spans() -> None:
    found = summary("v", NOTES)
    assert (found.note_count, found.lowest_pitch, found.highest_pitch) == (10, 60, 69)
    assert summary("v", []).lowest_pitch is None


def test_of_too_many_the_surest_are_kept_in_order() -> None:
    many = [Note(float(at), at + 1.0, 60, 0.2 if at % 3 == 0 else 0.8) for at in range(MOST_NOTES + 5)]
    kept = surest(many)
    assert len(kept) == MOST_NOTES
    assert [note.start_seconds for note in kept] == sorted(note.start_seconds for note in kept)
    assert sum(note.confidence == 0.8 for note in kept) == sum(note.confidence == 0.8 for note in many)
