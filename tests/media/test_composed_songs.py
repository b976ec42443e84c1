"""Beats, bars and sections of whole songs, whose score is known."""

import pytest

from tests.media.listening import analysed
from tests.media.scoring import BEAT_TOLERANCE, BOUNDARY_TOLERANCE, score
from tests.media.songs import SOUND_FONT, Truth, composed, performed, truth_of
from triton_models.renderer.synth import SoundFontSynth

SECONDS = 45.0


@pytest.fixture(scope="module")
def synth() -> SoundFontSynth:
    return SoundFontSynth(SOUND_FONT)


def heard_part(moments: list[float], truth: Truth, end: float) -> list[float]:
    """Without those of the last chord's ringing out, where nothing is struck any more."""
    return [moment for moment in moments if moment <= end + 60.0 / truth.bpm / 2.0]


@pytest.mark.parametrize(
    ("genre", "seed", "beats_per_bar"), [("pop", 1, 4), ("funk", 15, 4), ("waltz", 6, 3), ("celtic", 28, 2)]
)
def test_a_songs_beats_and_bars_are_those_of_its_score(
    synth: SoundFontSynth, genre: str, seed: int, beats_per_bar: int
) -> None:
    written = composed(genre, SECONDS, seed)
    truth = truth_of(written)

    grid = analysed(performed(synth, written, SECONDS), truth.bpm).structure.grid

    end = grid.beats[-1]
    assert score(grid.beats, heard_part(truth.beats, truth, end), BEAT_TOLERANCE).f_measure >= 0.95
    assert grid.beats_per_bar == beats_per_bar
    assert score(grid.downbeats, heard_part(truth.downbeats, truth, end), BEAT_TOLERANCE).f_measure >= 0.9


@pytest.mark.parametrize(("genre", "seed"), [("pop", 1), ("house", 2), ("rock", 3)])
def test_most_sections_of_a_song_are_found(synth: SoundFontSynth, genre: str, seed: int) -> None:
    written = composed(genre, 90.0, seed)

    analysis = analysed(performed(synth, written, 90.0), truth_of(written).bpm)

    found = [section.start_seconds for section in analysis.structure.sections[1:]]
    assert score(found, truth_of(written).boundaries, BOUNDARY_TOLERANCE).f_measure >= 0.75
