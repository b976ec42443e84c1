"""The renderer's OPTIONS input: reading it with every field checked."""

import re
from dataclasses import dataclass
from typing import Final

from triton_models.renderer.audio import SAMPLE_RATE
from triton_models.renderer.errors import InvalidOptionsError
from triton_models.renderer.turns import LOWEST_PRIORITY
from triton_models.score.fields import FieldError, Fields

_RING_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}")
_SHORTEST_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 3600.0
_MOST_SLOTS: Final = 4096
_LARGEST_SLOT: Final = 1 << 32
USUAL_PRIORITY: Final = 1


@dataclass(frozen=True, slots=True)
class RingOptions:
    """The shared-memory ring that the caller created for the audio."""

    name: str
    slots: int
    slot_bytes: int


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How much audio to make, how to hand it over, and how urgent it is: 0 is served before 1 and 2."""

    duration_seconds: float
    chunk_seconds: float
    stems: bool
    ring: RingOptions | None
    priority: int = USUAL_PRIORITY

    @property
    def frames(self) -> int:
        return round(self.duration_seconds * SAMPLE_RATE)

    @property
    def chunk_frames(self) -> int:
        return round(self.chunk_seconds * SAMPLE_RATE)


def options_from_json(text: str | bytes) -> RenderOptions:
    """Read the OPTIONS document; raises InvalidOptionsError that names the first wrong field."""
    try:
        return _read(Fields.parse(text, FieldError))
    except FieldError as wrong:
        raise InvalidOptionsError(str(wrong)) from wrong


def _read(fields: Fields) -> RenderOptions:
    return RenderOptions(
        duration_seconds=fields.number("duration_seconds", _SHORTEST_SECONDS, _LONGEST_SECONDS),
        chunk_seconds=fields.number("chunk_seconds", 0.1, 60.0),
        stems=fields.boolean("stems"),
        ring=None if fields.absent("ring") else _read_ring(fields.child("ring")),
        priority=USUAL_PRIORITY if fields.absent("priority") else fields.integer("priority", 0, LOWEST_PRIORITY),
    )


def _read_ring(fields: Fields) -> RingOptions:
    name = fields.text("name")
    if not _RING_NAME.fullmatch(name):
        raise fields.fail("name", "must be letters, digits, - and _")
    slots = fields.integer("slots", 1, _MOST_SLOTS)
    return RingOptions(name, slots, fields.integer("slot_bytes", 8, _LARGEST_SLOT))
