"""The scheduler's port on an onnxruntime session whose graph writes its caches in place. Used by one thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.rows import SlotRows
from triton_models.step_graph.sessions import StepGraphError, buffer, caches_of, open_session

TEXT = "text"


@dataclass(frozen=True)
class StepGraphSettings:
    """`slots` rows, each with caches for the graph's whole context; `threads` of a run, which sleep between runs."""

    slots: int = 16
    threads: int = 1


def open_step_graph(file: Path, settings: StepGraphSettings) -> "StepGraphModel":
    """Load a graph on the CPU; raises StepGraphError."""
    return StepGraphModel(open_session(file, settings.threads), settings.slots)


class StepGraphModel:
    """A StepModel of one code book. The conditioning is a sentence embedding, float32, or None."""

    books = 1

    def __init__(self, session: onnxruntime.InferenceSession, slots: int) -> None:
        caches = caches_of(session, {"tokens", "last_position", "length"})
        self._session = session
        self.slots = slots
        self.context = int(next(iter(caches.values())).shape[2])
        self.vocabulary = next(int(node.shape[1]) for node in session.get_outputs() if node.name == "logits")
        fixed = {node.name: buffer(node, slots) for node in session.get_inputs() if node.name == TEXT}
        self._rows = SlotRows(slots, {name: buffer(node, slots) for name, node in caches.items()}, fixed)
        self._binding = session.io_binding()

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is no vector of the graph's length."""
        texts = self._rows.fixed.get(TEXT, np.zeros((self.slots, 0), np.float32))
        vector = vector_of(conditioning, texts.shape[1])
        texts[self._rows.open(slot)] = vector

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        first, _ = self._rows.gather([slot])
        self._run(first, np.ascontiguousarray(tokens.T), np.array([start + len(tokens) - 1], np.int32))

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        first, order = self._rows.gather(slots.tolist())
        ordered, last = np.empty((len(order), 1), np.int64), np.empty(len(order), np.int32)
        ordered[order], last[order] = tokens, positions
        logits: Logits = self._run(first, ordered, last)[order]
        return logits[:, None]

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._rows.close(slot)

    def _run(self, first: int, tokens: NDArray[np.int64], last: NDArray[np.int32]) -> Logits:
        taken, binding = last + 1, self._binding
        self._rows.bind(binding, first, len(tokens))
        binding.bind_cpu_input("tokens", tokens)
        binding.bind_cpu_input("last_position", last)
        binding.bind_cpu_input("length", np.array(taken.max(), np.int32))
        logits = np.empty((len(tokens), self.vocabulary), np.float32)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._session.run_with_iobinding(binding)
        self._rows.fill(first, taken)
        return logits


def vector_of(conditioning: Conditioning, length: int) -> NDArray[np.generic]:
    """Zeros for None; raises StepGraphError when it is no vector of this length."""
    vector = np.zeros(length, np.float32) if conditioning is None else np.asarray(conditioning)
    if vector.shape != (length,):
        raise StepGraphError(f"the conditioning has shape {vector.shape}, the graph takes {(length,)}")
    return vector
