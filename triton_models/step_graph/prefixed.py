"""The scheduler's port on MusicGen's graphs of the melody kind: melody and text stand before the codes, in the caches.

Their positions are the first of a prompt, so they are taken in in chunks, as codes are. Used by one thread.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.code_books import CodeBookSettings, buffers_of, slots_of
from triton_models.step_graph.prefixes import PREFIX, Embeddings, Prefixes
from triton_models.step_graph.rows import Buffers, SlotRows
from triton_models.step_graph.sessions import caches_of, open_session


def open_prefixed(step: Path, prefix: Path, pattern: DelayPattern, settings: CodeBookSettings) -> "PrefixedModel":
    """Load the graphs on the CPU; raises StepGraphError, also when not even a guided song fits into the memory."""
    steps = open_session(step, settings.threads, spinning=True)
    return PrefixedModel(steps, open_session(prefix, settings.threads), pattern, settings)


class PrefixedModel:
    """A StepModel whose conditioning is a Guide. A prompt begins with as many positions as the melody's frames and the
    text's words, whatever tokens are given there; what follows is as in CodeBookModel.
    """

    def __init__(
        self,
        step: onnxruntime.InferenceSession,
        prefix: onnxruntime.InferenceSession,
        pattern: DelayPattern,
        settings: CodeBookSettings,
    ) -> None:
        caches_of(step, {"codes", "last_position", "length", PREFIX})
        self._step = step
        self.slots = slots_of(step, settings)
        self.context = settings.positions
        self.books = pattern.books
        self.vocabulary = next(int(node.shape[2]) for node in step.get_outputs() if node.name == "logits")
        self._prefixes = Prefixes(prefix, pattern, settings.words, self.slots)
        # Of chunks by their first position and length: all rows without a melody begin alike, and are cut alike.
        self._silence: dict[tuple[int, int], Buffers] = {}
        self._rows = SlotRows(self.slots, buffers_of(step, settings, self.slots)[0], {})
        self._binding = step.io_binding()

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""
        self._prefixes.open(slot, conditioning)
        self._rows.open(slot)

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        first, _ = self._rows.gather([slot])
        count = len(tokens)
        places = np.s_[first, :, start : start + count]
        silent = self._prefixes.is_silence(slot, start + count)
        if silent and (start, count) in self._silence:
            for name, values in self._silence[start, count].items():
                self._rows.caches[name][places] = values
            self._rows.fill(first, np.array([start + count]))
            return
        slots, positions = np.full(count, slot), start + np.arange(count)
        codes, led = self._prefixes.codes(slots, tokens, positions), self._prefixes.added(slots, positions)
        self._run(first, np.ascontiguousarray(codes.T[None]), led[None], np.array([start + count - 1], np.int32))
        if silent:
            self._silence[start, count] = {name: cache[places].copy() for name, cache in self._rows.caches.items()}

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        first, order = self._rows.gather(slots.tolist())
        codes, last = np.empty((len(order), self.books, 1), np.int64), np.empty(len(order), np.int32)
        codes[order, :, 0], last[order] = self._prefixes.codes(slots, tokens, positions), positions
        added = self._prefixes.added(slots, positions)
        led = np.empty((len(order), 1, added.shape[1]), np.float32)
        led[order, 0] = added
        logits: Logits = self._run(first, codes, led, last)[order]
        return logits

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._rows.close(slot)
        self._prefixes.close(slot)

    def _run(self, first: int, codes: Tokens, led: Embeddings, last: NDArray[np.int32]) -> Logits:
        taken, binding = last + 1, self._binding
        self._rows.bind(binding, first, len(codes))
        binding.bind_cpu_input("codes", codes)
        binding.bind_cpu_input(PREFIX, led)
        binding.bind_cpu_input("last_position", last)
        binding.bind_cpu_input("length", np.array(taken.max(), np.int32))
        logits = np.empty((len(codes), self.books, self.vocabulary), np.float32)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._step.run_with_iobinding(binding)
        self._rows.fill(first, taken)
        return logits
