"""The mixing engineer's tables: equalisation and level by role, tonal tilt by family of genre."""

from dataclasses import dataclass
from typing import Final

from pedalboard import HighpassFilter, HighShelfFilter, LowShelfFilter, PeakFilter, Pedalboard

from triton_models.score.model import Role

# Loudest-passage level of a track before its fader, dBFS RMS over 0.25 s blocks that sound. A melody stands
# above the harmony; a bass needs more level for the same loudness.
ROLE_LEVEL_DB: Final[dict[Role, float]] = {
    "drums": -20.0,
    "percussion": -25.0,
    "bass": -22.5,
    "melody": -20.0,
    "counter": -23.0,
    "chords": -22.0,
    "pad": -25.0,
}


@dataclass(frozen=True, slots=True)
class Tilt:
    """Shelves of the master equaliser, dB at 100 Hz and at 8 kHz."""

    low_db: float
    high_db: float


_NEUTRAL: Final = Tilt(0.0, 0.0)
_TILTS: Final[tuple[tuple[tuple[str, ...], Tilt], ...]] = (
    (("lofi",), Tilt(0.5, -3.0)),
    (("house", "techno", "trance", "trap", "drum and bass", "synthwave", "disco"), Tilt(1.0, 1.0)),
    (("hip hop", "reggae", "funk"), Tilt(1.0, 0.5)),
    (("rock", "metal", "pop", "country"), Tilt(0.0, 1.0)),
    (("ambient",), Tilt(-0.5, -1.0)),
)


def tilt_of(genre: str) -> Tilt:
    """The first family that the genre's name mentions; neutral for all others."""
    return next((tilt for names, tilt in _TILTS if any(name in genre for name in names)), _NEUTRAL)


def equaliser(role: Role, has_bass: bool) -> Pedalboard:
    """A fresh equaliser for one track; `has_bass` says whether a bass or drums hold the low end elsewhere.

    Filters roll off by 6 dB per octave, so that a part in a thin arrangement keeps its body.
    """
    return Pedalboard(_FILTERS[role](100.0 if has_bass else 30.0))


def _melody(low_cut: float) -> list[Pedalboard]:
    return [HighpassFilter(1.2 * low_cut), PeakFilter(2_800.0, 1.5, 0.7)]


def _chords(low_cut: float) -> list[Pedalboard]:
    return [HighpassFilter(low_cut), PeakFilter(300.0, -1.5, 0.8), PeakFilter(2_800.0, -1.0, 0.7)]


def _pad(low_cut: float) -> list[Pedalboard]:
    return [HighpassFilter(1.5 * low_cut), PeakFilter(350.0, -2.0, 0.8), HighShelfFilter(6_000.0, -1.0)]


def _bass(_: float) -> list[Pedalboard]:
    return [HighpassFilter(30.0), PeakFilter(250.0, -2.0, 0.9), PeakFilter(800.0, 1.0, 0.8)]


def _drums(_: float) -> list[Pedalboard]:
    return [HighpassFilter(30.0), LowShelfFilter(90.0, 1.0), PeakFilter(380.0, -2.0, 0.9)]


def _percussion(low_cut: float) -> list[Pedalboard]:
    return [HighpassFilter(low_cut), PeakFilter(380.0, -1.0, 0.9)]


_FILTERS: Final = {
    "drums": _drums,
    "percussion": _percussion,
    "bass": _bass,
    "melody": _melody,
    "counter": _chords,
    "chords": _chords,
    "pad": _pad,
}
