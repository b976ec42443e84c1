"""The served sentence encoder run in process, for tests that need real vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adapters.text_tokenizer import BucketTokenizer

MODEL = Path(__file__).resolve().parents[2] / "triton_models" / "text_embedding"


class Embedder:
    """Texts to unit vectors [texts, 384] with the committed model and tokenizer."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self._session = onnxruntime.InferenceSession(str(MODEL / "1" / "model.onnx"), options)
        self._tokenizer = BucketTokenizer(MODEL / "tokenizer.json")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per text, in order."""
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        for batch in self._tokenizer.encode(texts):
            feeds = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
            vectors[list(batch.indices)] = self._session.run(None, feeds)[0]
        return vectors
