"""Songs whose beats, bars and sections are known, because the composer wrote them and the renderer played them."""

from dataclasses import dataclass
from pathlib import Path

import triton_models.renderer
from domain.kit.audio.media import Audio
from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.composer.meter import METERS, Meter
from triton_models.renderer.render import Job, render
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.model import Score

SOUND_FONT = Path(triton_models.renderer.__file__).parent / "soundfont" / "cadenza-gm.sf3"
RATE = 44_100


@dataclass(frozen=True)
class Truth:
    """Beats, downbeats and the starts of sections after the first, in seconds."""

    bpm: float
    meter: Meter
    beats: list[float]
    downbeats: list[float]
    boundaries: list[float]


def composed(genre: str, seconds: float, seed: int) -> Score:
    return compose(Brief(genre, seconds, seed))


def truth_of(score: Score) -> Truth:
    """In 6/8 and 12/8 a beat is a dotted quarter, as in `bpm`."""
    change = score.meter_map[0]
    meter = METERS[f"{change.numerator}/{change.denominator}"]
    return Truth(
        bpm=score.tempo_map[0].qpm / meter.pulse_quarters,
        meter=meter,
        beats=_every(score, meter.pulse_quarters),
        downbeats=_every(score, meter.quarters),
        boundaries=[score.seconds_at(section.start) for section in score.sections[1:]],
    )


def _every(score: Score, quarters: float) -> list[float]:
    return [score.seconds_at(index * quarters) for index in range(int(score.duration_beats / quarters))]


def performed(synth: SoundFontSynth, score: Score, seconds: float) -> Audio:
    """The mastered mix."""
    frames = round(seconds * RATE)
    with render(synth, Job(score, frames, False, lambda: False, lambda stage, part: None)) as rendering:
        return rendering.mix(0, frames)
