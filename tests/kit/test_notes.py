"""How notes are kept."""

from domain.kit.audio.notes import Note, from_text, packed, to_text, unpacked

NOTES = (Note(0.0, 0.2, 21, 1.0), Note(1.234, 599.999, 108, 0.4), Note(600.5, 600.7, 60, 0.0))


def test_notes_are_kept_in_ten_bytes_each() -> None:
    data = packed(NOTES)
    assert len(data) == 30
    assert unpacked(data) == NOTES
    assert from_text(to_text(data)) == data


def test_no_notes_are_nothing() -> None:
    assert (packed(()), unpacked(b"")) == (b"", ())


def test_times_end_where_they_are_said_to() -> None:
    # what rounding moves, it moves at both ends of neighbours alike
    first, second = unpacked(packed((Note(0.0004, 0.1006, 60, 0.5), Note(0.1006, 0.3, 60, 0.5))))
    assert first.end_seconds == second.start_seconds == 0.101
