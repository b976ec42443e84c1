"""Balance of the parts: volume, place in the stereo field and reverb send by role."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from triton_models.composer.arrangement import Part
from triton_models.composer.plan import Plan
from triton_models.score.model import DRUM_BANK, Note, Role, Track

VOLUMES: Final[Mapping[Role, float]] = MappingProxyType(
    {"melody": 0.78, "counter": 0.64, "chords": 0.66, "pad": 0.5, "bass": 0.82, "drums": 0.82, "percussion": 0.6}
)
_REVERBS: Final[Mapping[Role, float]] = MappingProxyType(
    {"melody": 1.1, "counter": 1.2, "chords": 1.0, "pad": 1.3, "bass": 0.3, "drums": 0.55, "percussion": 0.7}
)
_PLACES: Final[Mapping[Role, tuple[float, ...]]] = MappingProxyType(
    {
        "melody": (0.08,),
        "counter": (-0.35, 0.4, -0.15),
        "chords": (-0.25, 0.35, -0.45, 0.5),
        "pad": (0.15, -0.3),
        "bass": (0.0, 0.12),
        "drums": (0.0, 0.1),
        "percussion": (0.3,),
    }
)


def mix_track(plan: Plan, part: Part, notes: tuple[Note, ...]) -> Track:
    """The score's track of a part."""
    places = _PLACES[part.role]
    return Track(
        id=part.id,
        name=part.instrument.name.capitalize(),
        role=part.role,
        bank=DRUM_BANK if part.instrument.is_drum else 0,
        program=part.program,
        is_drum=part.instrument.is_drum,
        volume=VOLUMES[part.role],
        pan=places[part.variant % len(places)],
        reverb=round(min(1.0, plan.style.reverb * _REVERBS[part.role]), 3),
        notes=notes,
    )
