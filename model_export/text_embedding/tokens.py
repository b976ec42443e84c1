"""Token ids for the checks of an export: padded to one length, int64, as the served model expects them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Feeds = dict[str, NDArray[np.int64]]


def encode(tokenizer_file: Path, texts: Sequence[str], length: int | None = None) -> Feeds:
    """Feeds [texts, tokens]; cut at 128 tokens, padded to `length` or to the longest text."""
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(max_length=min(length or 128, 128))
    tokenizer.enable_padding(length=length)
    encodings = tokenizer.encode_batch(list(texts))
    return {
        "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
        "attention_mask": np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
    }
