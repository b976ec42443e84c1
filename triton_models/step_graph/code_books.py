"""The scheduler's port on MusicGen's graphs: several code books in a delay pattern, and a text in a cross-attention.

Used by one thread. What the cross graph makes of a text is kept with the slot, as long as the song lasts.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Logits, Tokens
from triton_models.step_graph.rows import Buffers, SlotRows
from triton_models.step_graph.sessions import PAST, StepGraphError, buffer, caches_of, open_session

STATES = "states"
BIAS = "cross_bias"
TOLD = "told"  # which rows have a text
KEPT = (PAST, "cross_")
PAIR = 2
FAR_BELOW = -1e4  # finite in float16, and e to it is zero in float32


@dataclass(frozen=True, eq=False)
class Guide:
    """What a row is to be: `states` [words, width], float32, of the text encoder, or None for a row without a text;
    and how many frames the song has, for behind its last one the books end one after the other.

    Models that hear melodies have them as chroma [length, classes], None for none; there a row without a text keeps the
    places of `words`.
    """

    frames: int
    states: NDArray[np.float32] | None = None
    melody: NDArray[np.float32] | None = None
    words: int = 0


@dataclass(frozen=True)
class CodeBookSettings:
    """At most `slots` rows of `positions` each, with texts of at most `words`, and no more than `memory` bytes hold.

    `threads` of a run, which sleep between runs.
    """

    positions: int
    slots: int = 64
    words: int = 64
    memory: int | None = None
    threads: int = 1


def open_code_books(step: Path, cross: Path, pattern: DelayPattern, settings: CodeBookSettings) -> "CodeBookModel":
    """Load the graphs on the CPU; raises StepGraphError, also when not even a guided song fits into the memory."""
    steps = open_session(step, settings.threads, spinning=True)
    return CodeBookModel(steps, open_session(cross, settings.threads), pattern, settings)


class CodeBookModel:
    """A StepModel whose conditioning is a Guide. Where a book has no frame, the token that is given does not count."""

    def __init__(
        self,
        step: onnxruntime.InferenceSession,
        cross: onnxruntime.InferenceSession,
        pattern: DelayPattern,
        settings: CodeBookSettings,
    ) -> None:
        caches_of(step, {"codes", "last_position", "length", BIAS, TOLD})
        self._step = step
        self._cross = cross
        self._pattern = pattern
        self._outputs = [node.name for node in cross.get_outputs()]
        self._width = next(int(node.shape[2]) for node in cross.get_inputs() if node.name == STATES)
        self.slots = slots_of(step, settings)
        self.context = settings.positions
        self.books = pattern.books
        self.vocabulary = next(int(node.shape[2]) for node in step.get_outputs() if node.name == "logits")
        self._words = settings.words
        self._frames = np.zeros(self.slots, np.int64)
        song, text = buffers_of(step, settings, self.slots)
        self._rows = SlotRows(self.slots, song, {})
        self._texts = SlotRows(self.slots, {}, text)
        self._told = np.zeros(self.slots, bool)
        self._binding = step.io_binding()

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """See StepModel; raises StepGraphError when the conditioning is none for this model."""
        guide = checked_guide(conditioning)
        known = None if guide.states is None else self._heard(guide.states)
        self._frames[slot] = guide.frames
        self._rows.open(slot)
        self._told[slot] = known is not None
        if known is None:
            return
        place = self._texts.open(slot)
        for name, kept in self._texts.fixed.items():
            kept[place] = FAR_BELOW if name == BIAS else 0
            values = known[name][0]
            kept[place][tuple(slice(size) for size in values.shape)] = values

    def prefill(self, slot: int, tokens: Tokens, start: int) -> None:
        """See StepModel."""
        first, _ = self._rows.gather([slot])
        count = len(tokens)
        codes = self._stood(tokens, start + np.arange(count), np.full(count, self._frames[slot]))
        last = np.array([start + count - 1], np.int32)
        self._run(first, np.ascontiguousarray(codes.T[None]), last, self._hearing(np.array([slot]), np.array([0])))

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        """See StepModel."""
        first, order = self._rows.gather(slots.tolist())
        codes, last = np.empty((len(order), self.books, 1), np.int64), np.empty(len(order), np.int32)
        codes[order, :, 0], last[order] = self._stood(tokens, positions, self._frames[slots]), positions
        logits: Logits = self._run(first, codes, last, self._hearing(slots, order))[order]
        return logits

    def close(self, slot: int) -> None:
        """See StepModel."""
        self._rows.close(slot)
        self._texts.close(slot)

    def _hearing(self, slots: NDArray[np.int64], order: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
        """The first of the texts of these slots, which lie side by side, and the row that each of them is for."""
        told = self._told[slots]
        if not told.any():
            return 0, np.zeros(0, np.int64)
        first, places = self._texts.gather(slots[told].tolist())
        rows = np.empty(len(places), np.int64)
        rows[places] = order[told]
        return first, rows

    def _heard(self, states: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
        """The cross graph's keys, values and bias for one text, by name."""
        heard = checked_states(states, self._words, self._width)[None]
        found = self._cross.run(self._outputs, {STATES: heard, "mask": np.ones(heard.shape[:2], np.int64)})
        return dict(zip(self._outputs, found, strict=True))

    def _stood(self, tokens: Tokens, positions: NDArray[np.int64], frames: NDArray[np.int64]) -> Tokens:
        """`tokens` [n, books] at these positions of songs with so many frames; start tokens where no frame stands."""
        return np.where(self._pattern.stands(positions, frames), tokens, self._pattern.start_token)

    def _run(
        self, first: int, codes: NDArray[np.int64], last: NDArray[np.int32], hearing: tuple[int, NDArray[np.int64]]
    ) -> Logits:
        taken, binding, (first_text, told) = last + 1, self._binding, hearing
        self._rows.bind(binding, first, len(codes))
        self._texts.bind(binding, first_text, len(told))
        binding.bind_cpu_input(TOLD, told)
        binding.bind_cpu_input("codes", codes)
        binding.bind_cpu_input("last_position", last)
        binding.bind_cpu_input("length", np.array(taken.max(), np.int32))
        logits = np.empty((len(codes), self.books, self.vocabulary), np.float32)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._step.run_with_iobinding(binding)
        self._rows.fill(first, taken)
        return logits


def checked_guide(conditioning: Conditioning) -> Guide:
    """Raises StepGraphError when it is none for a model that hears no melodies."""
    if not isinstance(conditioning, Guide):
        raise StepGraphError(f"the conditioning is a {type(conditioning).__name__}, it must be a Guide")
    if conditioning.melody is not None:
        raise StepGraphError("this model hears no melodies")
    return conditioning


def checked_states(states: NDArray[np.float32], words: int, width: int) -> NDArray[np.float32]:
    """Raises StepGraphError when these are no states of a text of at most so many words."""
    if states.ndim != 2 or states.shape[1] != width or not 0 < len(states) <= words:
        wanted = f"[1 to {words} words, {width}]"
        raise StepGraphError(f"the states of the text have shape {list(states.shape)}, it must be {wanted}")
    return states.astype(np.float32)


def buffers_of(step: onnxruntime.InferenceSession, settings: CodeBookSettings, slots: int) -> tuple[Buffers, Buffers]:
    """Keys and values of the song, and those of its text where they are kept apart."""
    sizes = {"context": settings.positions, "text": settings.words}
    made = {node.name: buffer(node, slots, **sizes) for node in step.get_inputs() if node.name.startswith(KEPT)}
    song, text = ({name: made[name] for name in made if name.startswith(kind)} for kind in KEPT)
    return song, text


def slots_of(step: onnxruntime.InferenceSession, settings: CodeBookSettings) -> int:
    """How many rows the memory holds; raises StepGraphError when not even a guided song fits."""
    if settings.memory is None:
        return settings.slots
    row = sum(kept.nbytes for kind in buffers_of(step, settings, 1) for kept in kind.values())
    slots = min(settings.slots, settings.memory // row)
    if slots < PAIR:
        raise StepGraphError(
            f"a guided song takes {PAIR * row} bytes for its keys and values, {settings.memory} are given"
        )
    return slots
