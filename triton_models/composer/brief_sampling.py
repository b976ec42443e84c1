"""Varied briefs by seed, for corpora: any genre, mood, key, meter, tempo, length, form and instruments."""

from typing import Final

import numpy as np

from triton_models.composer.brief import Brief
from triton_models.composer.genres import GENRES
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.meter import METERS
from triton_models.composer.moods import MOODS
from triton_models.composer.randomness import pick, stream
from triton_models.score.model import MODES, TONICS, Key

SHORTEST: Final = 15.0
LONGEST: Final = 180.0
_ASKED: Final = 0.5  # share of the briefs that name a mood, a key or a tempo
_FOREIGN_METER: Final = 0.15  # share of the briefs that ask for any meter, fitting or not
_WANTED: Final = (0.5, 0.3, 0.15, 0.05)  # shares of the briefs that want 0, 1, 2 and 3 instruments
_EXCLUDED: Final = (0.75, 0.2, 0.05)
_FORMS: Final = (
    ("verse", "chorus"),
    ("intro", "verse", "chorus", "outro"),
    ("intro", "verse", "chorus", "verse", "chorus", "outro"),
    ("intro", "verse", "pre-chorus", "chorus", "bridge", "chorus", "outro"),
    ("verse", "chorus", "solo", "chorus"),
    ("intro", "verse", "breakdown", "chorus", "outro"),
)
_FORM_GIVEN: Final = 0.25
_KEYS: Final = tuple(Key(tonic, mode) for mode in MODES for tonic in TONICS)


def sample_brief(seed: int) -> Brief:
    """The brief of a seed; equal seeds give equal briefs. Lengths are spread evenly over their logarithm."""
    rng = stream(seed, "brief")
    genre = pick(rng, tuple(GENRES))
    wanted = _names(rng, _WANTED, ())
    return Brief(
        genre=genre,
        duration_seconds=round(float(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST)))), 1),
        seed=seed,
        mood=pick(rng, tuple(MOODS)) if rng.random() < _ASKED else None,
        bpm=_tempo(rng, genre) if rng.random() < _ASKED else None,
        key=pick(rng, _KEYS) if rng.random() < _ASKED else None,
        meter=pick(rng, tuple(METERS)) if rng.random() < _FOREIGN_METER else None,
        instruments=wanted,
        excluded_instruments=_names(rng, _EXCLUDED, wanted),
        energy=round(rng.uniform(0.1, 0.9), 2) if rng.random() < _ASKED else None,
        sections=pick(rng, _FORMS) if rng.random() < _FORM_GIVEN else None,
    )


def _tempo(rng: np.random.Generator, genre: str) -> float:
    """A whole bpm a little wider than the genre's own range."""
    low, high = GENRES[genre].bpm
    return float(np.clip(rng.integers(round(0.85 * low), round(1.15 * high) + 1), 40, 220))


def _names(rng: np.random.Generator, shares: tuple[float, ...], taken: tuple[str, ...]) -> tuple[str, ...]:
    count = int(rng.choice(len(shares), p=shares))
    free = [name for name in INSTRUMENTS if name not in taken]
    return tuple(free[index] for index in sorted(rng.choice(len(free), count, replace=False)))
