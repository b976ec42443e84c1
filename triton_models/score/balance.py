"""Balance of the parts by role: volume, place in the stereo field and share of the reverb."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from triton_models.score.model import Role

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


def place_of(role: Role, variant: int) -> float:
    """Where the part stands, -1 (left) to 1 (right); `variant` counts the parts of its role from 0."""
    places = _PLACES[role]
    return places[variant % len(places)]


def reverb_of(role: Role, room: float) -> float:
    """How much of the part goes to the reverb, 0 to 1, in a room of that much."""
    return round(min(1.0, room * _REVERBS[role]), 3)
