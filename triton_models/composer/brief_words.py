"""A brief in words, as somebody might have typed it; says only what the brief says."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from triton_models.composer.brief import Brief
from triton_models.composer.randomness import pick, stream

_MODE_WORDS: Final = {"harmonic_minor": "harmonic minor"}
_CALM: Final = ("quiet", "sparse", "soft")
_WILD: Final = ("loud", "dense", "full of energy")
_LOUD: Final = 0.65
_QUIET: Final = 0.35


def prompt_of(brief: Brief) -> str:
    """One line of at most some 250 characters; equal briefs give equal words."""
    rng = stream(brief.seed, "words")
    details = [*_music(brief, rng), *_ensemble(brief, rng)]
    rng.shuffle(details)
    return ", ".join([_opening(brief, rng), *details])


def _opening(brief: Brief, rng: np.random.Generator) -> str:
    noun = pick(rng, ("", " track", " song", " piece", " instrumental"))
    named = f"{brief.genre}{noun}"
    if brief.mood is None:
        return named
    return pick(rng, (f"{brief.mood} {named}", f"{named} that feels {brief.mood}", f"{named}, {brief.mood}"))


def _music(brief: Brief, rng: np.random.Generator) -> list[str]:
    words: list[str] = []
    if brief.key is not None:
        key = f"{brief.key.tonic} {_MODE_WORDS.get(brief.key.mode, brief.key.mode)}"
        words.append(pick(rng, (f"in {key}", key, f"key of {key}")))
    if brief.bpm is not None:
        words.append(pick(rng, (f"{brief.bpm:g} bpm", f"at {brief.bpm:g} bpm", f"tempo {brief.bpm:g}")))
    if brief.meter is not None:
        words.append(pick(rng, (f"in {brief.meter}", f"{brief.meter} time")))
    if brief.energy is not None and not _QUIET <= brief.energy <= _LOUD:
        words.append(pick(rng, _WILD if brief.energy > _LOUD else _CALM))
    return words


def _ensemble(brief: Brief, rng: np.random.Generator) -> list[str]:
    words: list[str] = []
    if brief.instruments:
        words.append(pick(rng, ("with {}", "featuring {}", "{}")).format(_listed(brief.instruments, "and")))
    if brief.excluded_instruments:
        words.append(pick(rng, ("no {}", "without {}")).format(_listed(brief.excluded_instruments, "or")))
    return words


def _listed(names: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
