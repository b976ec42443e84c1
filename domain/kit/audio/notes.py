"""Notes that were heard in a recording, and how they are kept: 10 bytes each. Pure."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MILLISECONDS = 1_000
CONFIDENCES = 255

_PACKED = np.dtype([("start", "<u4"), ("length", "<u4"), ("pitch", "u1"), ("confidence", "u1")])


@dataclass(frozen=True)
class Note:
    """When it begins and ends in seconds, its pitch as a MIDI number, and how sure it is, 0 to 1."""

    start_seconds: float
    end_seconds: float
    pitch: int
    confidence: float


def packed(notes: Sequence[Note]) -> bytes:
    """Times to the millisecond, confidences in 255 steps, in the order in which they come."""
    rows = [
        (
            round(note.start_seconds * MILLISECONDS),
            round(note.end_seconds * MILLISECONDS) - round(note.start_seconds * MILLISECONDS),
            note.pitch,
            round(note.confidence * CONFIDENCES),
        )
        for note in notes
    ]
    return np.array(rows, dtype=_PACKED).tobytes()


def unpacked(data: bytes) -> tuple[Note, ...]:
    """The inverse, as far as it is kept."""
    return tuple(
        Note(start / MILLISECONDS, (start + length) / MILLISECONDS, pitch, round(confidence / CONFIDENCES, 3))
        for start, length, pitch, confidence in np.frombuffer(data, dtype=_PACKED).tolist()
    )


def to_text(data: bytes) -> str:
    """For records that are text."""
    return base64.b64encode(data).decode()


def from_text(text: str) -> bytes:
    return base64.b64decode(text)
