"""The scheduler's port on MusicGen's graphs of the melody kind: melody and text stand before the codes, in the caches.

Their positions are the first of a prompt, so they are taken in in chunks, as codes are. Used by one thread.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.code_books import CodeBookSettings, Guide, buffers_of, checked_states, slots_of
from triton_models.step_graph.rows import Buffers, SlotRows
from triton_models.step_graph.sessions import StepGraphError, caches_of, open_session

PREFIX = "prefix"
Embeddings = NDArray[np.float32]


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
        shapes = {node.name: node.shape for node in [*step.get_inputs(), *step.get_outputs(), *prefix.get_inputs()]}
        self._step = step
        self._put_together = prefix
        self._pattern = pattern
        self._text = settings.words, int(shapes["states"][2])
        self._melody = tuple(int(size) for size in shapes["chroma"][1:])
        self._hidden = int(shapes[PREFIX][2])
        self.slots = slots_of(step, settings)
        self.context = settings.positions
        self.books = pattern.books
        self.vocabulary = int(shapes["logits"][2])
        self._frames = np.zeros(self.slots, np.int64)
        self._before = np.zeros(self.slots, np.int64)
        self._silent = np.zeros(self.slots, bool)
        # Of chunks by their first position and length: all rows without a melody begin alike, and are cut alike.
        self._silence: dict[tuple[int, int], Buffers] = {}
        self._prefixes = [np.empty((0, self._hidden), np.float32)] * self.slots
        self._rows = SlotRows(self.slots, buffers_of(step, settings, self.slots)[0], {})
        self._binding = step.io_binding()

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""
        if not isinstance(conditioning, Guide):
            raise StepGraphError(f"the conditioning is a {type(conditioning).__name__}, it must be a Guide")
        prefix = self._prefix(conditioning)
        self._frames[slot], self._before[slot], self._prefixes[slot] = conditioning.frames, len(prefix), prefix
        self._silent[slot] = conditioning.melody is None
        self._rows.open(slot)

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        first, _ = self._rows.gather([slot])
        count = len(tokens)
        places = np.s_[first, :, start : start + count]
        silent = self._silent[slot] and start + count <= self._melody[0]
        if silent and (start, count) in self._silence:
            for name, values in self._silence[start, count].items():
                self._rows.caches[name][places] = values
            self._rows.fill(first, np.array([start + count]))
            return
        codes, led = self._given(np.full(count, slot), tokens, start + np.arange(count))
        self._run(first, np.ascontiguousarray(codes.T[None]), led[None], np.array([start + count - 1], np.int32))
        if silent:
            self._silence[start, count] = {name: cache[places].copy() for name, cache in self._rows.caches.items()}

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        first, order = self._rows.gather(slots.tolist())
        codes, last = np.empty((len(order), self.books, 1), np.int64), np.empty(len(order), np.int32)
        led = np.empty((len(order), 1, self._hidden), np.float32)
        codes[order, :, 0], led[order, 0] = self._given(slots, tokens, positions)
        last[order] = positions
        logits: Logits = self._run(first, codes, led, last)[order]
        return logits

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._rows.close(slot)
        self._prefixes[slot] = self._prefixes[slot][:0]

    def _prefix(self, guide: Guide) -> Embeddings:
        """[frames of the melody + words, hidden]; for no melody stands the first class, as transformers has it."""
        told = guide.states is not None
        states = np.zeros((guide.words, self._text[1]), np.float32) if guide.states is None else guide.states
        heard = checked_states(states, *self._text)[None]
        melody = guide.melody
        if melody is None:
            melody = np.zeros(self._melody, np.float32)
            melody[:, 0] = 1.0
        if melody.shape != self._melody:
            raise StepGraphError(f"the melody has shape {list(melody.shape)}, it must be {list(self._melody)}")
        mask = np.full(heard.shape[:2], int(told))
        feeds = {"states": heard, "mask": mask, "chroma": melody[None].astype(np.float32)}
        found: Embeddings = self._put_together.run([PREFIX], feeds)[0][0]
        return found

    def _given(
        self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]
    ) -> tuple[Tokens, Embeddings]:
        """What stands at these positions of the slots: codes [n, books], and what is added to them [n, hidden]."""
        behind, start = positions - self._before[slots], self._pattern.start_token
        codes = np.where(self._pattern.stands(behind, self._frames[slots]), tokens, start)
        led = np.zeros((len(slots), self._hidden), np.float32)
        for place in np.flatnonzero(behind < 0):
            led[place] = self._prefixes[slots[place]][positions[place]]
        # The code behind the start token is none: its embedding is zero.
        codes[behind < 0] = start + 1
        return codes, led

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
