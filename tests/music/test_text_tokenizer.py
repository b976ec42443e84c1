"""Bucketing of prompts for the served encoder."""

from pathlib import Path

import numpy as np
import pytest

from adapters.text_tokenizer import BucketTokenizer
from tests.music.embedding import MODEL


@pytest.fixture(scope="module")
def tokenizer() -> BucketTokenizer:
    return BucketTokenizer(MODEL / "tokenizer.json")


def test_texts_of_one_length_travel_together(tokenizer: BucketTokenizer) -> None:
    # Given short, long and middling texts, when they are encoded, then buckets keep the original places.
    texts = ["calm piano", "la " * 300, "sad cello", "la " * 40]

    batches = tokenizer.encode(texts)

    assert [(batch.indices, batch.input_ids.shape) for batch in batches] == [
        ((0, 2), (2, 16)),
        ((3,), (1, 64)),
        ((1,), (1, 128)),
    ]
    assert all(batch.input_ids.dtype == batch.attention_mask.dtype == np.int64 for batch in batches)


def test_padding_is_masked(tokenizer: BucketTokenizer) -> None:
    (batch,) = tokenizer.encode(["calm piano"])

    assert batch.attention_mask[0].tolist() == [1] * 4 + [0] * 12
    assert batch.input_ids[0, 0] == 101
    assert batch.input_ids[0, 3:].tolist() == [102] + [0] * 12


def test_a_long_text_is_cut_with_its_end_token(tokenizer: BucketTokenizer) -> None:
    (batch,) = tokenizer.encode(["piano " * 1000])

    assert batch.attention_mask.sum() == 128
    assert batch.input_ids[0, -1] == 102


def test_a_bucket_is_split_at_the_largest_batch() -> None:
    tokenizer = BucketTokenizer(MODEL / "tokenizer.json", largest_batch=2)

    assert [batch.indices for batch in tokenizer.encode(["a"] * 5)] == [(0, 1), (2, 3), (4,)]


@pytest.mark.parametrize("text", ["", "🎵", "\ud83d", "\x00", "مرحبا"])
def test_odd_texts_can_be_encoded(text: str, tokenizer: BucketTokenizer) -> None:
    assert [batch.indices for batch in tokenizer.encode([text])] == [(0,)]


def test_no_texts_make_no_batches(tokenizer: BucketTokenizer) -> None:
    assert tokenizer.encode([]) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"tokenizer\.json"):
        BucketTokenizer(tmp_path / "tokenizer.json")
