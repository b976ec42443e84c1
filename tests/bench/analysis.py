"""`make bench-analysis`: beats, bars and sections of songs of all genres beside their scores. Judges nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from adapters.media.analysis import Analyser
from domain.kit.audio.media import Audio, AudioAnalysis
from tests.media.music import chunks
from tests.media.scoring import BEAT_TOLERANCE, BOUNDARY_TOLERANCE, Score, score
from tests.media.songs import SOUND_FONT, Truth, composed, performed, truth_of
from triton_models.composer.genres import GENRES
from triton_models.renderer.synth import SoundFontSynth

SECONDS = 90.0
FRAMES_AT_ONCE = 8 * 44_100


@dataclass(frozen=True)
class Heard:
    """One song with what it is and what was found, with its tempo known and unknown; `cpu_seconds` for the latter."""

    genre: str
    truth: Truth
    told: AudioAnalysis
    untold: AudioAnalysis
    cpu_seconds: float

    def beats(self, analysis: AudioAnalysis) -> Score:
        return score(analysis.structure.grid.beats, self.truth.beats, BEAT_TOLERANCE)

    @property
    def downbeats(self) -> Score:
        return score(self.told.structure.grid.downbeats, self.truth.downbeats, BEAT_TOLERANCE)

    @property
    def sections(self) -> Score:
        starts = [section.start_seconds for section in self.told.structure.sections[1:]]
        return score(starts, self.truth.boundaries, BOUNDARY_TOLERANCE)


def analysed(audio: Audio, expected_bpm: float | None) -> AudioAnalysis:
    analyser = Analyser()
    for chunk in chunks(audio, FRAMES_AT_ONCE):
        analyser.push(chunk, chunk.mean(axis=1, dtype=np.float32))
    return analyser.finish(expected_bpm)[0]


def hear(synth: SoundFontSynth, genre: str, seed: int) -> Heard:
    written = composed(genre, SECONDS, seed)
    truth, audio = truth_of(written), performed(synth, written, SECONDS)
    started = time.process_time()
    untold = analysed(audio, None)
    spent = time.process_time() - started
    return Heard(genre, truth, analysed(audio, truth.bpm), untold, spent)


def row(heard: Heard) -> list[str]:
    character = heard.told.character
    values = (character.energy, character.danceability, character.acousticness, character.valence)
    return [
        heard.genre,
        heard.truth.meter.name,
        f"{heard.truth.bpm:.0f}",
        f"{heard.untold.tempo_bpm:.0f}",
        f"{heard.beats(heard.told).f_measure:.2f}",
        f"{heard.beats(heard.untold).f_measure:.2f}",
        f"{heard.downbeats.f_measure:.2f}",
        f"{heard.sections.hits}/{heard.sections.found}/{heard.sections.true}",
        *(f"{estimate.value:.2f}" for estimate in values),
    ]


def summary(songs: Sequence[Heard]) -> str:
    sections = sum((song.sections for song in songs), Score(0, 0, 0))
    told, untold, bars = (
        np.mean(scores)
        for scores in (
            [song.beats(song.told).f_measure for song in songs],
            [song.beats(song.untold).f_measure for song in songs],
            [song.downbeats.f_measure for song in songs],
        )
    )
    speed = SECONDS * len(songs) / sum(song.cpu_seconds for song in songs)
    return (
        f"beats {told:.2f} (tempo unknown {untold:.2f}), downbeats {bars:.2f}, sections: precision "
        f"{sections.precision:.2f}, recall {sections.recall:.2f}; {speed:.0f} times real time of CPU"
    )


def main() -> None:
    synth = SoundFontSynth(SOUND_FONT)
    songs = [hear(synth, genre, seed) for seed, genre in enumerate(sorted(GENRES), 1)]
    table = Table(
        "genre",
        "meter",
        "bpm",
        "found",
        "beats",
        "untold",
        "bars",
        "sections",
        "energy",
        "dance",
        "acoustic",
        "valence",
    )
    for song in songs:
        table.add_row(*row(song))
    console = Console(width=120)
    console.print(table)
    console.print(summary(songs))


if __name__ == "__main__":
    main()
