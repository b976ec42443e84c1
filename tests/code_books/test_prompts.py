"""Frames that are given, beside the mask that transformers puts over what it draws."""

import numpy as np
import pytest
import torch

from tests.code_books.test_delay_pattern import START, theirs
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.code_books.prompts import GivenFrames, prompt_of


@pytest.mark.parametrize(("books", "channels"), [(4, 1), (8, 2), (1, 1)])
@pytest.mark.parametrize("given", [0, 1, 2, 9])
def test_what_is_given_stands_where_transformers_puts_it(books: int, channels: int, given: int) -> None:
    pattern = DelayPattern(books, channels, START)
    codes = np.random.default_rng(1).integers(0, START, (books, given))
    begun = np.concatenate([np.full((books, 1), START), codes], axis=1)
    length = pattern.positions(given + 12)
    _, mask = theirs(books, channels).build_delay_pattern_mask(torch.from_numpy(begun), START, length)
    wanted = mask.numpy()

    # when the prompt is taken in and the grammar asked for what follows
    prompt = prompt_of(pattern, codes)
    grammar = GivenFrames(pattern, codes)
    drawn = []
    while (legal := grammar.legal()) is not None:
        drawn.append([row.nonzero()[0].tolist() for row in legal])
        grammar.accept([0] * books)

    # then the prompt is what stands before any book is open, but for start tokens, for which zeros do
    assert prompt.shape == (given + 1, books)
    np.testing.assert_array_equal(prompt.T, np.where(wanted == START, 0, wanted)[:, : given + 1])
    # and behind it only what is given is legal, where something is
    everything = list(range(START))
    for place, books_legal in enumerate(drawn):
        told = wanted[:, given + 1 + place].tolist()
        assert books_legal == [everything if code in (-1, START) else [code] for code in told]
    assert len(drawn) == pattern.longest
    assert not (wanted[:, given + 1 + len(drawn) : given + 12] != -1).any()
