"""`make bench-analysis`: notes heard in songs of all genres beside their scores, and what that takes. Judges nothing.

The model runs in this process, on one thread, as it is served.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from domain.kit.audio.notes import Note
from tests.media.scoring import Score
from tests.media.songs import SOUND_FONT, composed, performed
from tests.transcription.notes import LocalModel, onsets_score, transcribed
from triton_models.composer.genres import GENRES
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.model import Score as Written

SECONDS = 30.0


@dataclass(frozen=True)
class Heard:
    """One song; `cpu_seconds` for finding its notes."""

    genre: str
    score: Score
    cpu_seconds: float


def notes_of(written: Written, seconds: float) -> list[Note]:
    """All but the drums, as far as the song is played."""
    played = [
        Note(written.seconds_at(note.start), written.seconds_at(note.end), note.pitch, 1.0)
        for track in written.tracks
        if not track.is_drum
        for note in track.notes
    ]
    return [note for note in played if note.start_seconds < seconds]


async def hear(synth: SoundFontSynth, model: LocalModel, genre: str, seed: int) -> Heard:
    written = composed(genre, SECONDS, seed)
    audio = performed(synth, written, SECONDS)
    started = time.process_time()
    found = await transcribed(audio, model)
    spent = time.process_time() - started
    return Heard(genre, onsets_score(found, notes_of(written, SECONDS)), spent)


def summary(songs: Sequence[Heard]) -> str:
    every = sum((song.score for song in songs), Score(0, 0, 0))
    mean = np.mean([song.score.f_measure for song in songs])
    speed = SECONDS * len(songs) / sum(song.cpu_seconds for song in songs)
    return (
        f"onsets within 50 ms: F-measure {mean:.2f} in the mean of songs, of all notes precision "
        f"{every.precision:.2f}, recall {every.recall:.2f}; {speed:.0f} times real time of CPU"
    )


async def measure() -> list[Heard]:
    synth, model = SoundFontSynth(SOUND_FONT), LocalModel()
    return [await hear(synth, model, genre, seed) for seed, genre in enumerate(sorted(GENRES), 1)]


def main() -> None:
    songs = asyncio.run(measure())
    table = Table("genre", "played", "found", "right", "F-measure")
    for song in songs:
        score = song.score
        table.add_row(song.genre, str(score.true), str(score.found), str(score.hits), f"{score.f_measure:.2f}")
    console = Console(width=120)
    console.print(table)
    console.print(summary(songs))


if __name__ == "__main__":
    main()
