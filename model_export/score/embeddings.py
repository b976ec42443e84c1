"""Sentence embeddings of descriptions, computed once by the repository's own encoder and kept beside the corpus."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_export.score import records
from model_export.score.records import Split
from triton_models.score_language.conditioning import TEXT_SIZE

ENCODER: Final = Path(__file__).resolve().parents[2] / "triton_models" / "text_embedding"
_AT_ONCE: Final = 16
_LONGEST: Final = 128

Vectors = NDArray[np.float32]


class Encoder:
    """The exported sentence encoder, read from the folder that Triton serves."""

    def __init__(self, folder: Path = ENCODER, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "1" / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_length=_LONGEST)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors [texts, 384]."""
        encodings = self._tokenizer.encode_batch(list(texts))
        feeds = {
            "input_ids": np.array([row.ids for row in encodings], dtype=np.int64),
            "attention_mask": np.array([row.attention_mask for row in encodings], dtype=np.int64),
        }
        vectors: Vectors = self._session.run(None, feeds)[0]
        return vectors


def file_of(folder: Path, split: Split) -> Path:
    """Where the embeddings of a split lie."""
    return folder / f"{split}.texts.npy"


def embed_texts(texts: Sequence[str], encoder: Encoder, progress: Callable[[int], None]) -> Vectors:
    """A vector for each text, zeros for an empty one; equal texts are computed once. `progress` hears of so many."""
    wanted = sorted({text for text in texts if text}, key=lambda text: (len(text), text))
    vectors: dict[str, Vectors] = {"": np.zeros(TEXT_SIZE, dtype=np.float32)}
    for start in range(0, len(wanted), _AT_ONCE):
        chunk = wanted[start : start + _AT_ONCE]
        vectors |= zip(chunk, encoder.embed(chunk), strict=True)
        progress(len(chunk))
    return np.array([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), TEXT_SIZE)


def save(folder: Path, split: Split, encoder: Encoder, progress: Callable[[int], None]) -> int:
    """Embed the descriptions of a split; returns how many pieces have one."""
    texts = [record.piece.text for record in records.load(folder, split)]
    np.save(file_of(folder, split), embed_texts(texts, encoder, progress).astype(np.float16))
    return sum(map(bool, texts))


def load(folder: Path, split: Split) -> Vectors:
    """Vectors [pieces, 384] in the order of the records; raises FileNotFoundError."""
    return np.asarray(np.load(file_of(folder, split)), dtype=np.float32)
