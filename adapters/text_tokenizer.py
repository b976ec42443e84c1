"""Texts to padded token batches for the `text_embedding` model. Knows the tokenizer file, not the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

BUCKETS: Final = (16, 32, 64, 128)


@dataclass(frozen=True, eq=False)
class TokenBatch:
    """Texts of one length: both arrays int64 [texts, bucket]; `indices` are their places in the request."""

    indices: tuple[int, ...]
    input_ids: NDArray[np.int64]
    attention_mask: NDArray[np.int64]


class BucketTokenizer:
    """Cuts at 128 tokens and pads to 16, 32, 64 or 128, so that the server can merge equal shapes."""

    def __init__(self, tokenizer_file: Path, largest_batch: int = 32) -> None:
        """Reads `tokenizer.json`; raises FileNotFoundError. `largest_batch` is the model's max_batch_size."""
        if not tokenizer_file.is_file():
            raise FileNotFoundError(tokenizer_file)
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=BUCKETS[-1])
        self._largest_batch = largest_batch

    def encode(self, texts: Sequence[str]) -> list[TokenBatch]:
        """Batches by bucket, shortest first, each of at most `largest_batch` texts in their original order."""
        encodings = self._tokenizer.encode_batch([_encodable(text) for text in texts])
        buckets: dict[int, list[int]] = {bucket: [] for bucket in BUCKETS}
        for index, encoding in enumerate(encodings):
            buckets[_bucket(len(encoding.ids))].append(index)
        step = self._largest_batch
        return [
            _batch(encodings, indices[start : start + step], bucket)
            for bucket, indices in buckets.items()
            for start in range(0, len(indices), step)
        ]


def _encodable(text: str) -> str:
    """The text without lone surrogates, which cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bucket(length: int) -> int:
    """The smallest bucket that holds this many tokens."""
    return next(bucket for bucket in BUCKETS if length <= bucket)


def _batch(encodings: Sequence[Encoding], indices: Sequence[int], bucket: int) -> TokenBatch:
    """One batch, padded on the right with token 0 and mask 0."""
    ids = np.zeros((len(indices), bucket), dtype=np.int64)
    mask = np.zeros((len(indices), bucket), dtype=np.int64)
    for row, index in enumerate(indices):
        length = len(encodings[index].ids)
        ids[row, :length] = encodings[index].ids
        mask[row, :length] = 1
    return TokenBatch(tuple(indices), ids, mask)
