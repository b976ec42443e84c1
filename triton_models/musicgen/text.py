"""Words to the states of the checkpoint's own text encoder, with its own tokenizer. Used by any thread."""

import json
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triton_models.step_graph.devices import CPU, Device
from triton_models.step_graph.sessions import open_session

GRAPH: Final = "text_encoder.float32.onnx"
SIZES: Final = "text_encoder.json"
TOKENIZER: Final = "tokenizer.json"


class TextEncoder:
    """The tokenizer cuts a text where it is too long; what is behind is not heard."""

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    def states(self, text: str) -> NDArray[np.float32]:
        """[tokens, width], a row for each token."""
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        found: NDArray[np.float32] = self._session.run(["states"], feeds)[0][0]
        return found


def open_text_encoder(folder: Path, most_tokens: int, threads: int, device: Device = CPU) -> TextEncoder:
    """Load the graph and the tokenizer of a folder, for texts of at most so many tokens."""
    sizes = json.loads((folder / SIZES).read_text())
    most = min(most_tokens, int(sizes["most_tokens"]))
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    return TextEncoder(open_session(folder / GRAPH, threads, device), tokenizer)
