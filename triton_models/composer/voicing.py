"""Voice leading: the inversion and octave of each chord that moves least from the one before."""

from collections.abc import Sequence
from functools import lru_cache

from triton_models.composer.theory import ChordTones

Voicing = tuple[int, ...]

_CENTRE_PULL = 0.35


@lru_cache(maxsize=8192)
def close_voicings(pitch_classes: tuple[int, ...], low: int, high: int) -> tuple[Voicing, ...]:
    """Every close-position voicing of the pitch classes, each once, between two MIDI keys."""
    ordered = sorted(set(pitch_classes))
    found: list[Voicing] = []
    for bottom in range(low, high + 1):
        if bottom % 12 not in ordered:
            continue
        voicing = tuple(sorted(bottom + (pc - bottom) % 12 for pc in ordered))
        if voicing[-1] <= high:
            found.append(voicing)
    return tuple(found)


def lead_voices(chord: ChordTones, size: int, before: Voicing | None, low: int, high: int) -> Voicing:
    """Voice up to `size` tones of `chord` between `low` and `high`, close to `before` and the centre.

    Beyond a triad the fifth is the tone to leave out. A range too narrow for a close voicing gives
    the chord stacked on `low`.
    """
    wanted = _essential(chord, size)
    candidates = close_voicings(wanted, low, high)
    if not candidates:
        return tuple(sorted(low + (pc - low) % 12 for pc in wanted))
    centre = (low + high) / 2
    return min(candidates, key=lambda voicing: _cost(voicing, before, centre))


def _essential(chord: ChordTones, size: int) -> tuple[int, ...]:
    tones = chord.pitch_classes
    if len(tones) <= size:
        return tones
    if size == 3 and len(tones) == 4:
        return tones[:3]
    without_fifth = tones[:2] + tones[3:]
    return without_fifth[:size]


def _cost(voicing: Voicing, before: Voicing | None, centre: float) -> float:
    mean = sum(voicing) / len(voicing)
    pull = _CENTRE_PULL * abs(mean - centre)
    if before is None:
        return pull
    return _movement(voicing, before) / len(voicing) + pull


def _movement(voicing: Sequence[int], before: Sequence[int]) -> int:
    return sum(min(abs(pitch - other) for other in before) for pitch in voicing)
