"""Harmony: a chord for every bar, from the progressions of the pool, with a cadence at each section's end."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from triton_models.composer.plan import Plan
from triton_models.composer.progressions import HarmonyPool
from triton_models.composer.randomness import pick
from triton_models.composer.song import Bar, SectionPlan
from triton_models.composer.theory import ChordTones, chord
from triton_models.composer.tonality import Weights, heard_clarity
from triton_models.score.model import Chord

Numerals = tuple[str, ...]

_DRAWS: Final = 12
_PLAIN_KEY: Final = 0.1  # clarity that bass and melody do not overturn
_BASS_WEIGHT: Final = 1.0
_TONIC_NUMERALS: Final = ("I", "i", "I7")
_SHORT_BLUES: Final = {"blues": "I IV I V", "minor blues": "i iv i V"}


def write_bars(plan: Plan, sections: Sequence[SectionPlan]) -> tuple[Bar, ...]:
    """One Bar for every bar of the time line; the chord that follows the last one is the tonic."""
    numerals = _numerals(plan, sections)
    chords = [chord(plan.key, numeral, plan.extension) for numeral in numerals]
    homes = [section for section in sections for _ in range(section.bars)]
    following = [*chords[1:], final_chord(plan)]
    return tuple(
        Bar(index, index * plan.meter.quarters, section, now, after)
        for index, (section, now, after) in enumerate(zip(homes, chords, following, strict=True))
    )


def final_chord(plan: Plan) -> ChordTones:
    """The tonic that ends the piece, plain except for the seventh of the blues."""
    numeral = "i" if plan.key.is_minor else "I"
    return chord(plan.key, numeral, "dominant" if plan.extension == "dominant" else "triad")


def chord_symbols(bars: Sequence[Bar], final: ChordTones, final_start: float, end: float) -> tuple[Chord, ...]:
    """The chords of the score; bars that repeat a chord are joined, the final chord stands alone."""
    heard = [bar for bar in bars if bar.start < final_start]
    changes = [
        (bar.start, bar.chord.symbol)
        for before, bar in zip([None, *heard], heard, strict=False)
        if before is None or before.chord.symbol != bar.chord.symbol
    ]
    changes.append((final_start, final.symbol))
    ends = [start for start, _ in changes[1:]] + [end]
    return tuple(
        Chord(start, round(stop - start, 3), symbol) for (start, symbol), stop in zip(changes, ends, strict=True)
    )


def _numerals(plan: Plan, sections: Sequence[SectionPlan]) -> list[str]:
    """Draw harmonies until one makes the key plain; failing that, the plainest of all."""
    rng = plan.stream("harmony")
    best: list[str] = []
    best_clarity = -np.inf
    for _ in range(_DRAWS):
        drawn = _draw(plan, sections, rng)
        plainness = heard_clarity(_weights(plan, drawn), plan.key)
        if plainness > best_clarity:
            best, best_clarity = drawn, plainness
        if plainness >= _PLAIN_KEY:
            break
    return best


def _draw(plan: Plan, sections: Sequence[SectionPlan], rng: np.random.Generator) -> list[str]:
    themes = _themes(plan, sections, rng)
    held = pick(rng, plan.style.bars_per_chord) if plan.pool.phrase == 4 else 1
    numerals: list[str] = []
    for section in sections:
        written = _spread(themes[section.name], section.bars, held)
        ending = plan.pool.close if section is sections[-1] else plan.pool.cadence
        numerals.extend(_with_cadence(written, tuple(pick(rng, ending).split())))
    if numerals[0] not in _TONIC_NUMERALS:
        numerals[0] = "i" if plan.key.is_minor else "I"
    return numerals


def _weights(plan: Plan, numerals: Sequence[str]) -> Weights:
    """Pitch-class weights of the chords, the roots counted again for the bass, the final chord with them."""
    weights = np.zeros(12)
    for tones in (*(chord(plan.key, numeral, plan.extension) for numeral in numerals), final_chord(plan)):
        weights[list(tones.pitch_classes)] += 1.0
        weights[tones.root] += _BASS_WEIGHT
    return weights


def _themes(plan: Plan, sections: Sequence[SectionPlan], rng: np.random.Generator) -> Mapping[str, Numerals]:
    """A progression for each section name; verse and chorus differ where the pool has two."""
    pool = plan.pool
    if pool.phrase == 12 and max(section.bars for section in sections) < 12:
        short = tuple(_SHORT_BLUES[pool.name].split())
        return {section.name: short for section in sections}
    verse = pick(rng, pool.home)
    chorus = pick(rng, _chorus_choices(pool, verse))
    bridge = pick(rng, pool.away)
    opening = verse if pool.phrase == 4 else _SHORT_BLUES[pool.name]
    return {
        name: tuple(progression.split())
        for name, progression in {
            "intro": opening,
            "verse": verse,
            "pre-chorus": bridge,
            "chorus": chorus,
            "bridge": bridge,
            "solo": verse,
            "breakdown": verse,
            "outro": opening,
        }.items()
    }


def _chorus_choices(pool: HarmonyPool, verse: str) -> Sequence[str]:
    """Twice the home progressions, so that most choruses confirm the tonic."""
    home = [progression for progression in pool.home if progression != verse] or [verse]
    return (*home, *home, *pool.away) if pool.phrase == 4 else home


def _spread(progression: Numerals, bars: int, held: int) -> list[str]:
    return [progression[(index // held) % len(progression)] for index in range(bars)]


def _with_cadence(written: list[str], cadence: Numerals) -> list[str]:
    """Replace the last bars by the cadence, keeping at least half of what was written."""
    size = min(len(cadence), len(written) // 2)
    return [*written[: len(written) - size], *cadence[len(cadence) - size :]] if size else written
