"""Cutting a recording into windows, and where their frames lie."""

import numpy as np
import pytest

from domain.kit.audio.media import Audio
from domain.kit.audio.note_model import WINDOW_FRAMES, WINDOW_SAMPLES
from domain.transcription.windows import HOP_SAMPLES, Halving, Samples, WindowCutter, kept_frames, seconds_of


def tone(hertz: float, frames: int) -> Audio:
    mono = np.sin(2 * np.pi * hertz * np.arange(frames) / 44_100)
    audio: Audio = np.stack([mono, mono], axis=1).astype(np.float32)
    return audio


def halved(audio: Audio, size: int) -> Samples:
    halving = Halving()
    pieces = [halving.push(audio[at : at + size]) for at in range(0, len(audio), size)]
    return np.concatenate([*pieces, halving.flush()])


@pytest.mark.parametrize("size", [1, 7, 1_000, 50_000])
def test_pieces_of_any_size_make_the_same(size: int) -> None:
    audio = tone(440.0, 3_001)
    assert np.allclose(halved(audio, size), halved(audio, len(audio)), atol=1e-6)


@pytest.mark.parametrize("frames", [1, 2, 3_000, 3_001])
def test_half_as_many_samples_come(frames: int) -> None:
    assert len(halved(tone(440.0, frames), 1_000)) == -(-frames // 2)


def test_what_is_heard_stays_in_its_place_and_what_would_fold_is_gone() -> None:
    low, high = halved(tone(1_000.0, 20_000), 4_096), halved(tone(14_000.0, 20_000), 4_096)
    expected = np.sin(2 * np.pi * 1_000.0 * np.arange(10_000) / 22_050)
    assert np.abs(low - expected)[50:-50].max() < 1e-3
    # 80 dB lower
    assert np.abs(high)[50:-50].max() < 1e-4


@pytest.mark.parametrize("seconds", [0.01, 1.0, 1.64, 1.7, 10.0])
def test_windows_overlap_and_cover_everything(seconds: float) -> None:
    audio = tone(300.0, round(seconds * 44_100))
    cutter = WindowCutter()
    batches = [*cutter.push(audio), *cutter.finish()]
    windows = np.concatenate(batches)
    samples = halved(audio, len(audio))
    # the first begins with half of an overlap of silence, so that the first samples are not at its edge
    padded = np.concatenate([np.zeros(3_840), samples, np.zeros(WINDOW_SAMPLES)])
    assert len(windows) == -(-len(samples) // HOP_SAMPLES)
    assert max(len(batch) for batch in batches) <= 4
    for number, window in enumerate(windows):
        expected = padded[number * HOP_SAMPLES : number * HOP_SAMPLES + WINDOW_SAMPLES]
        assert np.allclose(window[: len(expected)], expected, atol=1e-6)
    # and the frames up to the end are counted
    assert seconds_of(cutter.frames - 1) < seconds
    assert seconds_of(cutter.frames) >= seconds - 1e-4


def test_nothing_makes_no_windows() -> None:
    cutter = WindowCutter()
    assert (cutter.finish(), cutter.frames) == ([], 0)


def test_frames_lie_where_they_were_heard() -> None:
    # given windows whose values are the sample in the recording that a frame lies at
    starts = np.arange(3) * HOP_SAMPLES - 3_840
    values = (starts[:, None] + 256.0 * np.arange(WINDOW_FRAMES))[:, :, None].astype(np.float32)
    kept = kept_frames(values)[:, 0]
    assert kept == pytest.approx([seconds_of(frame) * 22_050 for frame in range(len(kept))], abs=0.01)
    assert (np.diff(kept) > 0).all()
    assert np.diff(kept).max() == 256.0
