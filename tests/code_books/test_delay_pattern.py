"""The delay pattern, beside the one that transformers builds and applies."""

import numpy as np
import pytest
import torch
from transformers import MusicgenForCausalLM
from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

from triton_models.code_books.delay_pattern import OPEN, DelayPattern, settled

START = 64


def theirs(books: int, channels: int) -> MusicgenForCausalLM:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "ffn_dim": 8}
    return MusicgenForCausalLM(
        MusicgenDecoderConfig(vocab_size=START, num_codebooks=books, audio_channels=channels, **sizes)
    )


@pytest.mark.parametrize(("books", "channels"), [(4, 1), (8, 2), (1, 1), (6, 2), (3, 1)])
@pytest.mark.parametrize(("given", "frames"), [(0, 9), (5, 9), (9, 9)])
def test_the_pattern_is_that_of_transformers(books: int, channels: int, given: int, frames: int) -> None:
    pattern = DelayPattern(books, channels, START)
    prompt = np.random.default_rng(1).integers(0, START, (books, given))
    begun = np.concatenate([np.full((books, 1), START), prompt], axis=1)
    length = pattern.positions(frames)
    model = theirs(books, channels)
    first, mask = model.build_delay_pattern_mask(torch.from_numpy(begun), pad_token_id=START, max_length=length)
    spread = pattern.spread(prompt, frames)
    np.testing.assert_array_equal(spread, mask.numpy())
    np.testing.assert_array_equal(spread[:, : given + 1], first.numpy())

    # when
    chosen = np.random.default_rng(2).integers(0, START, spread.shape)
    applied = model.apply_delay_pattern_mask(torch.from_numpy(chosen), mask).numpy()

    # then
    np.testing.assert_array_equal(settled(spread, chosen), applied)
    np.testing.assert_array_equal(pattern.gather(applied), applied[applied != START].reshape(books, frames))


def test_what_is_spread_is_gathered_again() -> None:
    pattern = DelayPattern(8, 2, START)
    codes = np.random.default_rng(3).integers(0, START, (8, 20))
    spread = pattern.spread(codes, 20)
    assert OPEN not in spread
    assert list(pattern.delays) == [0, 0, 1, 1, 2, 2, 3, 3]
    np.testing.assert_array_equal(pattern.gather(spread), codes)


def test_only_complete_frames_are_gathered() -> None:
    pattern = DelayPattern(4, 1, START)
    spread = pattern.spread(np.arange(20).reshape(4, 5), 5)
    for taken, complete in ((1, 0), (4, 0), (5, 1), (7, 3)):
        gathered = pattern.gather(spread[None, :, :taken])
        assert gathered.shape == (1, 4, complete)
        np.testing.assert_array_equal(gathered[0], np.arange(20).reshape(4, 5)[:, :complete])


def test_a_prompt_that_does_not_fit_is_refused() -> None:
    pattern = DelayPattern(4, 1, START)
    with pytest.raises(ValueError, match="does not begin 2 frames of 4 books"):
        pattern.spread(np.zeros((4, 3), np.int64), 2)
    with pytest.raises(ValueError, match="of 4 books"):
        pattern.spread(np.zeros((2, 1), np.int64), 2)
