"""Resolves a brief into definite choices: style, mood, energy, meter, tempo, key and time line."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from triton_models.composer.brief import Brief
from triton_models.composer.genres import GENRES
from triton_models.composer.meter import METERS, Meter
from triton_models.composer.moods import MOODS, NEUTRAL, Mood, mood_words
from triton_models.composer.progressions import DEFAULT_POOLS, POOLS, HarmonyPool
from triton_models.composer.randomness import pick, pick_weighted, stream
from triton_models.composer.style import GenreStyle
from triton_models.composer.theory import Extension
from triton_models.composer.timeline import Timeline, lay_out
from triton_models.score.model import Key, Mode

_MAJOR_TONICS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_TONICS: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_MINOR_MODES: Final = ("minor", "dorian", "phrygian", "harmonic_minor")
_COMPOUND_SHARE: Final = 0.62  # of the simple tempo, where a style has no compound range of its own


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is decided before the first note; `qpm` counts quarter notes per minute.

    Another `draft` of the same plan differs in form, harmony, ensemble and notes.
    """

    brief: Brief
    style: GenreStyle
    meter: Meter
    qpm: float
    key: Key
    pool: HarmonyPool
    extension: Extension
    energy: float
    mood: str
    timeline: Timeline
    draft: int = 0

    def stream(self, *labels: str) -> np.random.Generator:
        """The random stream of a decision in this draft of this piece."""
        return stream(self.brief.seed, self.brief.genre, f"draft {self.draft}", *labels)


def resolve(brief: Brief) -> Plan:
    """Choose what the brief leaves open; a free tempo makes room for all its sections where it can."""
    style = GENRES[brief.genre]
    mood = MOODS.get((brief.mood or "").lower(), NEUTRAL)
    energy = _energy(brief, style, mood)
    meter = METERS[brief.meter or pick(stream(brief.seed, "meter", brief.genre), style.meters)]
    pool, key = _tonality(brief, style, mood)
    bpm = brief.bpm or _tempo(brief, style, meter, energy)
    qpm = round(bpm * meter.pulse_quarters, 4)
    timeline = lay_out(brief.duration_seconds, qpm, meter)
    return Plan(
        brief=brief,
        style=style,
        meter=meter,
        qpm=qpm,
        key=key,
        pool=pool,
        extension=_extension(brief.seed, style.extension),
        energy=energy,
        mood=brief.mood or pick(stream(brief.seed, "mood"), mood_words(key.is_minor, energy)),
        timeline=timeline,
    )


def _energy(brief: Brief, style: GenreStyle, mood: Mood) -> float:
    if brief.energy is not None:
        return brief.energy
    drift = 0.08 * stream(brief.seed, "energy", brief.genre).standard_normal()
    return round(float(np.clip(style.energy + 0.2 * mood.arousal + drift, 0.05, 0.95)), 3)


def _tonality(brief: Brief, style: GenreStyle, mood: Mood) -> tuple[HarmonyPool, Key]:
    rng = stream(brief.seed, "key", brief.genre)
    pools = [POOLS[name] for name in style.harmonies]
    if brief.key is not None:
        fitting = [pool for pool in pools if brief.key.mode in pool.modes] or _spare_pools(style, brief.key.mode)
        return pick(rng, fitting), brief.key
    pool = pick_weighted(rng, pools, [_mood_weight(pool, mood) for pool in pools])
    mode = pool.modes[0]
    tonics = _MINOR_TONICS if mode in _MINOR_MODES else _MAJOR_TONICS
    return pool, Key(pick(rng, tonics), mode)


def _spare_pools(style: GenreStyle, mode: Mode) -> list[HarmonyPool]:
    """Harmony for a mode that the style does not use by itself, in the style's idiom where there is one."""
    if "blues" in style.harmonies and mode in POOLS["minor blues"].modes:
        return [POOLS["minor blues"]]
    if "jazz" in style.harmonies and mode in POOLS["minor jazz"].modes:
        return [POOLS["minor jazz"]]
    return [DEFAULT_POOLS[mode]]


def _mood_weight(pool: HarmonyPool, mood: Mood) -> float:
    brightness = -1.0 if pool.modes[0] in _MINOR_MODES else 1.0
    return float(np.exp(2.5 * brightness * mood.valence))


def _tempo(brief: Brief, style: GenreStyle, meter: Meter, energy: float) -> float:
    """A whole bpm in the genre's range, near one drawn by energy, at which phrases fill the duration."""
    low, high = _tempo_range(style, meter)
    drawn = 0.15 + 0.7 * energy + 0.2 * stream(brief.seed, "tempo", brief.genre).standard_normal()
    target = low + (high - low) * float(np.clip(drawn, 0.0, 1.0))
    return float(min(range(low, high + 1), key=lambda bpm: _tempo_cost(bpm, target, high - low, brief, meter)))


def _tempo_range(style: GenreStyle, meter: Meter) -> tuple[int, int]:
    if not meter.compound:
        return style.bpm
    if style.compound_bpm is not None:
        return style.compound_bpm
    low, high = style.bpm
    return max(30, round(low * _COMPOUND_SHARE)), max(40, round(high * _COMPOUND_SHARE))


def _tempo_cost(bpm: int, target: float, width: int, brief: Brief, meter: Meter) -> float:
    timeline = lay_out(brief.duration_seconds, bpm * meter.pulse_quarters, meter)
    missing = max(0, len(brief.sections or ()) - timeline.bars)
    odd_bars = timeline.bars % 4 if timeline.bars > 6 else timeline.bars % 2
    hold = (timeline.last_sound - timeline.final) / meter.quarters
    return abs(bpm - target) / max(1, width) + 0.12 * odd_bars + 0.15 * abs(hold - 1.0) + 10.0 * missing


def _extension(seed: int, extension: Extension) -> Extension:
    if extension == "ninth" and stream(seed, "extension").random() < 0.5:
        return "seventh"
    return extension
