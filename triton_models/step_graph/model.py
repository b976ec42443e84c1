"""The scheduler's port on an onnxruntime session whose graph writes its caches in place. Used by one thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.layout import RowLayout

ELEMENTS: Mapping[str, type[np.generic]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class StepGraphError(ValueError):
    """The graph is none with caches in place, or a conditioning does not fit it."""


@dataclass(frozen=True)
class StepGraphSettings:
    """`slots` rows, each with caches for the graph's whole context; `threads` of a run, which sleep between runs."""

    slots: int = 16
    threads: int = 1


def open_step_graph(file: Path, settings: StepGraphSettings) -> "StepGraphModel":
    """Load a graph on the CPU; raises StepGraphError."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return StepGraphModel(session, settings.slots)


class StepGraphModel:
    """A StepModel of one code book. The conditioning is a sentence embedding, float32, or None."""

    books = 1

    def __init__(self, session: onnxruntime.InferenceSession, slots: int) -> None:
        inputs = {node.name: node for node in session.get_inputs()}
        caches = [name for name in inputs if name.startswith("past_")]
        if not caches or not {"tokens", "last_position", "length"} <= set(inputs):
            raise StepGraphError(f"the graph takes {', '.join(inputs)}: these are no caches in place")
        self._session = session
        self.slots = slots
        self.context = int(inputs[caches[0]].shape[2])
        self.vocabulary = next(int(node.shape[1]) for node in session.get_outputs() if node.name == "logits")
        self._caches = {name: _buffer(inputs[name], slots) for name in caches}
        self._text = np.zeros((slots, int(inputs["text"].shape[1]) if "text" in inputs else 0), np.float32)
        self._layout = RowLayout(slots)
        self._used = np.zeros(slots, np.int64)
        self._binding = session.io_binding()
        self._bound: tuple[int, int] | None = None

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is no vector of the graph's length."""
        vector = np.zeros(self._text.shape[1], np.float32) if conditioning is None else np.asarray(conditioning)
        if vector.shape != self._text.shape[1:]:
            raise StepGraphError(f"the conditioning has shape {vector.shape}, the graph takes {self._text.shape[1:]}")
        self._layout.open(slot)
        place = self._layout.place(slot)
        self._text[place], self._used[place] = vector, 0

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        first, _ = self._layout.gather([slot])
        self._run(first, np.ascontiguousarray(tokens.T), np.array([start + len(tokens) - 1], np.int32))

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        wanted = slots.tolist()
        first, moves = self._layout.gather(wanted)
        for into, out in moves:
            self._exchange(into, out)
        order = np.array([self._layout.place(slot) for slot in wanted]) - first
        ordered, last = np.empty((len(wanted), 1), np.int64), np.empty(len(wanted), np.int32)
        ordered[order], last[order] = tokens, positions
        logits: Logits = self._run(first, ordered, last)[order]
        return logits[:, None]

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._used[self._layout.place(slot)] = 0
        self._layout.close(slot)

    def _run(self, first: int, tokens: NDArray[np.int64], last: NDArray[np.int32]) -> Logits:
        rows, taken = slice(first, first + len(tokens)), last + 1
        binding = self._binding
        self._bind_caches(first, len(tokens))
        binding.bind_cpu_input("tokens", tokens)
        binding.bind_cpu_input("last_position", last)
        binding.bind_cpu_input("length", np.array(taken.max(), np.int32))
        if self._text.shape[1]:
            binding.bind_cpu_input("text", self._text[rows])
        logits = np.empty((len(tokens), self.vocabulary), np.float32)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._session.run_with_iobinding(binding)
        self._used[rows] = taken
        return logits

    def _bind_caches(self, first: int, rows: int) -> None:
        """Input and output are the same memory. Binding takes a while, so it is done when the rows are others."""
        if self._bound == (first, rows):
            return
        for name, cache in self._caches.items():
            part = cache[first : first + rows]
            place = ("cpu", 0, cache.dtype.type, part.shape, part.ctypes.data)
            self._binding.bind_input(name, *place)
            self._binding.bind_output(name.replace("past_", "present_"), *place)
        self._bound = (first, rows)

    def _exchange(self, one: int, other: int) -> None:
        """Swap two rows, as far as they are filled; a free row needs no copy."""
        ends = self._used[[one, other]].tolist()
        for cache in self._caches.values():
            kept = cache[one, :, : ends[0]].copy()
            cache[one, :, : ends[1]] = cache[other, :, : ends[1]]
            cache[other, :, : ends[0]] = kept
        self._used[[one, other]] = self._used[[other, one]]
        self._text[[one, other]] = self._text[[other, one]]


def _buffer(node: Any, slots: int) -> NDArray[np.generic]:
    shape = (slots, *(int(size) for size in node.shape[1:]))
    return np.zeros(shape, dtype=ELEMENTS[node.type])
