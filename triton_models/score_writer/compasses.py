"""How low and how high instruments sound natural, by General MIDI program, as the composer's table says. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from triton_models.composer.instruments import INSTRUMENTS
from triton_models.score_language.music import Track


def _by_program() -> dict[int, tuple[int, int]]:
    """The lowest and the highest key of all instruments that share a program."""
    found: dict[int, tuple[int, int]] = {}
    for entry in INSTRUMENTS.values():
        for program in () if entry.is_drum else entry.programs:
            low, high = found.get(program, (entry.low, entry.high))
            found[program] = min(low, entry.low), max(high, entry.high)
    return found


_COMPASSES: Final[Mapping[int, tuple[int, int]]] = MappingProxyType(_by_program())


def compasses(tracks: Sequence[Track], shift: int) -> dict[int, tuple[int, int]]:
    """By index, for those that the table knows, in a piece whose keys are `shift` semitones lower than they sound."""
    return {
        index: (_COMPASSES[track.program][0] - shift, _COMPASSES[track.program][1] - shift)
        for index, track in enumerate(tracks)
        if not track.is_drum and track.program in _COMPASSES
    }
