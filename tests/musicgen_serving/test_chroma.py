"""What is heard of a melody, beside transformers. torchaudio is no part of this environment: its spectrogram is written
out here after its documentation, all else is MusicgenMelodyFeatureExtractor's own.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers.audio_utils import chroma_filter_bank
from transformers.models.musicgen_melody.feature_extraction_musicgen_melody import MusicgenMelodyFeatureExtractor

from triton_models.codec_stream.decoding import Floats
from triton_models.musicgen.chroma import ChromaShape, chroma_filters, one_hot_chroma

# Those of the published checkpoints.
PUBLISHED = ChromaShape(chroma=12, length=235, sampling_rate=32000, fft=16384, hop=4096, seconds=30)
SMALL = ChromaShape(chroma=12, length=24, sampling_rate=400, fft=256, hop=64, seconds=4)


def published(samples: Floats, shape: ChromaShape) -> Floats:
    """What the extractor makes of [channels, n]: mixed, and then its own `_torch_extract_fbank_features`."""
    window = torch.hann_window(shape.fft)

    def spectrogram(waveform: torch.Tensor) -> torch.Tensor:
        found = torch.stft(waveform, shape.fft, shape.hop, window=window, return_complex=True)
        return (found / window.pow(2).sum().sqrt()).abs().pow(2)

    filters = torch.from_numpy(filter_bank(shape)).float()
    extractor: Any = SimpleNamespace(n_fft=shape.fft, spectrogram=spectrogram, chroma_filters=filters)
    mixed = torch.from_numpy(samples).mean(dim=0)[None]
    found: Floats = MusicgenMelodyFeatureExtractor._torch_extract_fbank_features(extractor, mixed)[0].numpy()
    return found


def filter_bank(shape: ChromaShape) -> Any:
    return chroma_filter_bank(
        sampling_rate=shape.sampling_rate, num_frequency_bins=shape.fft, tuning=0, num_chroma=shape.chroma
    )


def tune(shape: ChromaShape, seconds: float, channels: int = 1) -> Floats:
    """Notes of a quarter of a second with three partials, and noise."""
    chance, count = np.random.default_rng(6), int(seconds * shape.sampling_rate)
    times = np.arange(count) / shape.sampling_rate
    notes = chance.integers(40, 76, int(4 * seconds) + 1)[(4 * times).astype(int)]
    pitch = 440.0 * 2.0 ** ((notes - 69) / 12) * min(1.0, shape.sampling_rate / 8000)
    partials = sum(np.sin(2 * np.pi * pitch * times * partial) / partial for partial in (1, 2, 3))
    made: Floats = (0.2 * partials + chance.normal(0, 0.02, (channels, count))).astype(np.float32)
    return made


@pytest.mark.parametrize("shape", [PUBLISHED, SMALL])
def test_filters_are_those_of_transformers(shape: ChromaShape) -> None:
    np.testing.assert_allclose(chroma_filters(shape), filter_bank(shape), atol=1e-7)


@pytest.mark.parametrize("shape", [PUBLISHED, SMALL])
@pytest.mark.parametrize(("seconds", "channels"), [(0.1, 1), (0.6, 2), (3.3, 2), (31.0, 1)])
def test_the_loudest_class_of_each_frame_is_that_of_transformers(
    shape: ChromaShape, seconds: float, channels: int
) -> None:
    samples = tune(shape, seconds, channels)

    found = one_hot_chroma(samples, shape)

    assert np.array_equal(found, published(samples, shape))
    assert found.shape == (1 + max(samples.shape[1], shape.fft) // shape.hop, 12)


def test_thirty_seconds_are_what_a_window_hears_and_notes_are_their_classes() -> None:
    # Given a C, an E and an A of ten seconds each
    times = np.arange(10 * PUBLISHED.sampling_rate) / PUBLISHED.sampling_rate
    notes = [np.sin(2 * np.pi * pitch * times) for pitch in (261.63, 329.63, 440.0)]

    found = one_hot_chroma(np.concatenate(notes)[None].astype(np.float32), PUBLISHED).argmax(axis=1)

    assert len(found) == PUBLISHED.length
    assert [set(part.tolist()) for part in (found[3:75], found[82:153], found[160:232])] == [{0}, {4}, {9}]


def test_silence_is_the_first_class_as_is_no_melody() -> None:
    assert one_hot_chroma(np.zeros((1, 9), np.float32), SMALL).argmax(axis=1).tolist() == [0] * 5
