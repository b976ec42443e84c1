"""What stands before the codes in each slot of graphs of the melody kind: a melody, and behind it its text."""

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.generation_core.model import Conditioning, Tokens
from triton_models.step_graph.code_books import Guide, checked_states
from triton_models.step_graph.sessions import StepGraphError

PREFIX = "prefix"
Embeddings = NDArray[np.float32]


class Prefixes:
    """Of `slots` rows, each with a text of at most so many `words`; `session` is the graph that makes them."""

    def __init__(self, session: onnxruntime.InferenceSession, pattern: DelayPattern, words: int, slots: int) -> None:
        shapes = {node.name: node.shape for node in [*session.get_inputs(), *session.get_outputs()]}
        self._session = session
        self._pattern = pattern
        self._text = words, int(shapes["states"][2])
        self._melody = tuple(int(size) for size in shapes["chroma"][1:])
        self._hidden = int(shapes[PREFIX][2])
        self._frames = np.zeros(slots, np.int64)
        self._before = np.zeros(slots, np.int64)
        self._silent = np.zeros(slots, bool)
        self._kept = [np.empty((0, self._hidden), np.float32)] * slots

    def open(self, slot: int, conditioning: Conditioning) -> None:
        """Raises StepGraphError when the conditioning is none for a model that hears melodies."""
        if not isinstance(conditioning, Guide):
            raise StepGraphError(f"the conditioning is a {type(conditioning).__name__}, it must be a Guide")
        prefix = self._made(conditioning)
        self._frames[slot], self._before[slot], self._kept[slot] = conditioning.frames, len(prefix), prefix
        self._silent[slot] = conditioning.melody is None

    def close(self, slot: int) -> None:
        """The song is over."""
        self._kept[slot] = self._kept[slot][:0]

    def is_silence(self, slot: int, end: int) -> bool:
        """Whether all positions of the slot before `end` say that there is no melody, as in every such row."""
        return bool(self._silent[slot]) and end <= self._melody[0]

    def codes(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Tokens:
        """`tokens` [n, books] at these positions of the slots; other codes where no frame stands."""
        behind, start = positions - self._before[slots], self._pattern.start_token
        codes = np.where(self._pattern.stands(behind, self._frames[slots]), tokens, start)
        # The code behind the start token is none: its embedding is zero.
        codes[behind < 0] = start + 1
        return codes

    def added(self, slots: NDArray[np.int64], positions: NDArray[np.int64]) -> Embeddings:
        """What is added to the embeddings of the codes at these positions [n, hidden]: zeros behind melody and text."""
        led = np.zeros((len(slots), self._hidden), np.float32)
        for place in np.flatnonzero(positions < self._before[slots]):
            led[place] = self._kept[slots[place]][positions[place]]
        return led

    def _made(self, guide: Guide) -> Embeddings:
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
        found: Embeddings = self._session.run([PREFIX], feeds)[0][0]
        return found
