"""The key that notes speak for, after Krumhansl and Schmuckler (1990), and the scales of the modes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from triton_models.composer.tonality import key_correlations
from triton_models.score.model import Mode
from triton_models.score_language.grid import Floats

MINOR_MODES: Final[frozenset[Mode]] = frozenset({"minor", "dorian", "phrygian", "harmonic_minor"})

SCALES: Final[Mapping[Mode, frozenset[int]]] = MappingProxyType(
    {
        "major": frozenset({0, 2, 4, 5, 7, 9, 11}),
        "minor": frozenset({0, 2, 3, 5, 7, 8, 10, 11}),  # the leading tone belongs to the key
        "dorian": frozenset({0, 2, 3, 5, 7, 9, 10}),
        "mixolydian": frozenset({0, 2, 4, 5, 7, 9, 10}),
        "phrygian": frozenset({0, 1, 3, 5, 7, 8, 10}),
        "lydian": frozenset({0, 2, 4, 6, 7, 9, 11}),
        "harmonic_minor": frozenset({0, 2, 3, 5, 7, 8, 11}),
    }
)


def find_key(weights: Floats) -> tuple[int, Mode]:
    """The tonic, 0 to 11, and `major` or `minor`, from the summed durations of the pitch classes, shape [12]."""
    best = int(key_correlations(weights).argmax())
    return best % 12, "minor" if best >= 12 else "major"
