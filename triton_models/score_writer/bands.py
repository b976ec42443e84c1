"""Who plays in a genre: by how much instruments are likelier in a plan, as the composer's tables have them. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.style import GenreStyle
from triton_models.score.model import Role
from triton_models.score_language.consonance import Costs
from triton_models.score_language.planning import Planner

_OF_THE_GENRE: Final = 3.0  # log odds for an instrument that the table gives this role
_NO_SUCH_ROLE: Final = 3.0  # against a role that the table leaves empty
_DRUMS: Final = ("drums", "percussion")


def offsets_of(planner: Planner, weight: float) -> Costs | None:
    """[tokens] for the role or the instrument of the next track; None without a known genre or elsewhere."""
    genre = planner.wishes.genre
    if not weight or genre not in GENRES or planner.phase not in ("role", "instrument"):
        return None
    names = _roles(genre) if planner.phase == "role" else _instruments(genre).get(planner.role, MappingProxyType({}))
    if not names:
        return None
    offsets = np.zeros(planner.size, dtype=np.float32)
    for name, odds in names.items():
        offsets[planner.vocabulary.ids[name]] = weight * odds
    return offsets


@lru_cache(len(GENRES))
def _roles(genre: str) -> Mapping[str, float]:
    """Of tokens; what somebody plays in the genre stays as likely as the model thinks."""
    style = GENRES[genre]
    empty = [role for role, players in _players(style).items() if not players]
    if not style.drums:
        empty += _DRUMS
    return {f"Role_{role}": -_NO_SUCH_ROLE for role in empty}


@lru_cache(len(GENRES))
def _instruments(genre: str) -> Mapping[str, Mapping[str, float]]:
    """Of tokens, by role."""
    style = GENRES[genre]
    by_role: dict[str, Mapping[str, float]] = {
        role: {f"Program_{program}": _OF_THE_GENRE for name in players for program in INSTRUMENTS[name].programs}
        for role, players in _players(style).items()
    }
    return by_role | {"drums": {f"Kit_{style.kit}": _OF_THE_GENRE}}


def _players(style: GenreStyle) -> Mapping[Role, tuple[str, ...]]:
    """Counter-melodies are played by whoever may have the melody."""
    return {
        "melody": style.melody,
        "counter": style.melody,
        "chords": style.chords,
        "pad": style.pad,
        "bass": style.bass,
    }
