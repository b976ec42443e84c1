"""What a song goes on with, as the model's channels."""

import numpy as np
import pytest

from tests.musicgen_serving.conftest import Checkpoints
from triton_models.codec_stream.channels import rows_of
from triton_models.musicgen.references import open_reference_encoder, reference_samples


def test_the_last_whole_frames_are_taken(checkpoints: Checkpoints) -> None:
    shape = checkpoints("mono").shape
    given = np.arange(100 * shape.hop + 5, dtype=np.float32)[None]

    assert np.array_equal(reference_samples(given, 1, shape, 30), given[:, -30 * shape.hop :])
    assert np.array_equal(reference_samples(given, 1, shape, 200), given[:, 5:])


def test_channels_are_brought_to_those_of_the_model(checkpoints: Checkpoints) -> None:
    shape = checkpoints("mono").shape
    left = np.linspace(0, 1, 20 * shape.hop, dtype=np.float32)
    stereo = np.stack([left, 3 * left])

    assert np.array_equal(reference_samples(stereo, 2, shape, 50), stereo)
    assert reference_samples(stereo, 1, shape, 50)[0] == pytest.approx(2 * left)
    assert np.array_equal(reference_samples(left[None], 2, shape, 50), np.stack([left, left]))


def test_codes_are_those_of_the_published_model(checkpoints: Checkpoints) -> None:
    served = checkpoints("stereo")
    samples = np.random.default_rng(1).normal(0, 0.3, (served.pattern.channels, 250 * served.shape.hop))
    given = samples.astype(np.float32)

    found = open_reference_encoder(served.folder, served.shape, 1).reference(given)

    wanted, _ = served.codec.encode(given[:, None], served.shape.books)
    assert len(np.unique(found.codes)) > 20
    assert found.codes.shape == (served.pattern.books, 250)
    # Codes that lie as near as each other may differ by rounding.
    assert (rows_of(found.codes.astype(np.int64), served.pattern.channels) == wanted).mean() > 0.99
    assert found.loudness.tolist() == [1.0] * served.pattern.channels
