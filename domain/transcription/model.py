"""What is kept of the notes of a version, and the part of them that somebody asks for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.kit.audio.notes import Note, unpacked
from domain.kit.errors import Issue, ValidationFailed
from domain.kit.paging import Page, checked_size

# Some thirty a second for the longest upload; of more, the surest are kept.
MOST_NOTES = 20_000


@dataclass(frozen=True)
class Transcription:
    """The notes of one version, by start and pitch, as `domain.kit.audio.notes.packed` keeps them; how many, how far.

    The pitches are MIDI numbers, and None without notes.
    """

    version_id: str
    note_count: int
    lowest_pitch: int | None
    highest_pitch: int | None


@dataclass(frozen=True)
class NotePage:
    """A wish for notes that sound between two moments, in seconds; `after` is how many notes lie before the page."""

    first: int
    after: int | None = None
    from_seconds: float = 0.0
    to_seconds: float | None = None

    def __post_init__(self) -> None:
        """Raises `ValidationFailed`."""
        checked_size(self.first)
        if not self.from_seconds >= 0:
            raise ValidationFailed([Issue("fromSeconds", "'fromSeconds' must be 0 or more.")])
        if self.to_seconds is not None and not self.to_seconds > self.from_seconds:
            raise ValidationFailed([Issue("toSeconds", "'toSeconds' must be more than 'fromSeconds'.")])


@dataclass(frozen=True)
class PlacedNote:
    """A note with its number in the whole recording, from 1."""

    number: int
    note: Note


def summary(version_id: str, notes: Sequence[Note]) -> Transcription:
    pitches = [note.pitch for note in notes]
    return Transcription(version_id, len(notes), min(pitches, default=None), max(pitches, default=None))


def surest(notes: Sequence[Note], most: int = MOST_NOTES) -> Sequence[Note]:
    """As many as are kept, in the order in which they came."""
    if len(notes) <= most:
        return notes
    chosen = sorted(range(len(notes)), key=lambda at: -notes[at].confidence)[:most]
    return [notes[at] for at in sorted(chosen)]


def page_of(data: bytes, wanted: NotePage) -> Page[PlacedNote]:
    """Those of the packed notes that are wanted."""
    to_seconds = float("inf") if wanted.to_seconds is None else wanted.to_seconds
    found = [
        PlacedNote(number, note)
        for number, note in enumerate(unpacked(data), 1)
        if number > (wanted.after or 0) and note.start_seconds < to_seconds and note.end_seconds > wanted.from_seconds
    ]
    return Page.cut(found, wanted)
