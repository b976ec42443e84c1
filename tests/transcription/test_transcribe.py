"""Notes found by the committed model, in music whose notes are known."""

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest

from domain.kit.audio.media import SEGMENT_RATE, Audio
from domain.kit.audio.notes import Note
from domain.transcription.services.transcribe import Transcriber
from tests.media.songs import SOUND_FONT, composed, performed
from tests.transcription.notes import (
    DeafModel,
    LocalModel,
    SilentMeter,
    chords,
    melody,
    onsets_score,
    sounding,
    transcribed,
)
from triton_models.renderer.synth import SoundFontSynth


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return LocalModel()


@pytest.mark.parametrize(("notes", "least"), [(melody(), 0.95), (chords(), 0.88)], ids=["melody", "chords"])
async def test_notes_are_found_with_their_pitches(notes: Sequence[Note], least: float, model: LocalModel) -> None:
    found = await transcribed(sounding(notes, 8.0), model)
    assert onsets_score(found, notes).f_measure >= least
    assert [note.start_seconds for note in found] == sorted(note.start_seconds for note in found)
    assert all(0.0 < note.confidence <= 1.0 for note in found)


async def test_a_note_lasts_as_long_as_it_sounds(model: LocalModel) -> None:
    note = Note(1.0, 2.5, 64, 1.0)
    (found,) = await transcribed(sounding([note], 4.0), model)
    assert found.pitch == 64
    assert found.start_seconds == pytest.approx(1.0, abs=0.05)
    assert found.end_seconds == pytest.approx(2.5, abs=0.25)


async def test_a_rendered_song_is_heard(model: LocalModel) -> None:
    # given twenty seconds for a piano, as composer and renderer make them
    written = composed("classical piano", 20.0, 2)
    audio = performed(SoundFontSynth(SOUND_FONT), written, 20.0)
    played = [
        Note(written.seconds_at(note.start), written.seconds_at(note.end), note.pitch, 1.0)
        for track in written.tracks
        if not track.is_drum
        for note in track.notes
        if written.seconds_at(note.start) < 20.0
    ]
    # then most of its notes are found
    assert len(played) > 40
    assert onsets_score(await transcribed(audio, model), played).f_measure >= 0.75


async def test_silence_has_no_notes_and_noise_hardly_any(model: LocalModel) -> None:
    silence: Audio = np.zeros((5 * SEGMENT_RATE, 2), dtype=np.float32)
    noise = np.random.default_rng(3).normal(0.0, 0.1, silence.shape).astype(np.float32)
    assert list(await transcribed(silence, model)) == []
    assert len(await transcribed(noise, model)) <= 5


@pytest.mark.parametrize("frames", [0, 1, 500, SEGMENT_RATE])
async def test_the_shortest_sounds_are_no_trouble(frames: int, model: LocalModel) -> None:
    assert list(await transcribed(np.zeros((frames, 2), dtype=np.float32), model)) == []


async def test_memory_does_not_grow_with_the_recording() -> None:
    # given sound that is made while it is read
    def reads(seconds: int) -> tuple[Transcriber, DeafModel, list[int]]:
        deaf = DeafModel()
        return Transcriber(deaf, SilentMeter()), deaf, [seconds * SEGMENT_RATE]

    peaks = []
    for seconds in (120, 600):
        transcriber, deaf, left = reads(seconds)

        def read(frames: int, left: list[int] = left) -> Audio:
            given = min(frames, left[0])
            left[0] -= given
            return np.zeros((given, 2), dtype=np.float32)

        tracemalloc.start()
        await transcriber.transcribe(read)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert deaf.windows == -(-seconds * 22_050 // 36_164)
    # then ten minutes take what two take, give or take the pieces that threads have not let go of yet: far less than
    # their sound, 212 MB, and their likelihoods, 36 MB
    assert max(peaks) < 24 << 20
