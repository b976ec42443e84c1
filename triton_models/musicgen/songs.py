"""What is asked for, and the request that a window of it is to the scheduler. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triton_models.code_books.delay_pattern import Codes, DelayPattern
from triton_models.code_books.prompts import GivenFrames, prompt_of
from triton_models.generation_core.request import Boundaries, Priority, Request, Row, Sampling
from triton_models.musicgen.window_plan import Window
from triton_models.step_graph.code_books import Guide

# As the published checkpoints are used: 250 of 2,048 codes, and guidance of 3.
SAMPLING: Final = Sampling(temperature=1.0, top_k=250)
GUIDANCE: Final = 3.0


@dataclass(frozen=True, eq=False)
class Section:
    """`frames` of a song by one text; `states` [words, width], float32, are the text encoder's."""

    states: NDArray[np.float32]
    frames: int


@dataclass(frozen=True, eq=False)
class Reference:
    """`codes` [books, frames], whole numbers of any kind, of what a song goes on with; what is decoded is multiplied by
    `loudness` [channels]. Of its end, `lead` frames are heard too.
    """

    codes: NDArray[np.integer[Any]]
    loudness: NDArray[np.float32]
    lead: int = 0


@dataclass(frozen=True, eq=False)
class Melody:
    """What models that hear melodies are told. A window hears `length` frames of `chroma` [frames, classes] from where
    it begins, and the melody over and over; None is no melody. `rate` of them last as long as one frame of codes.
    """

    length: int
    chroma: NDArray[np.float32] | None = None
    rate: float = 1.0

    def heard(self, start: int) -> NDArray[np.float32] | None:
        """[length, classes] from a frame of the song on."""
        if self.chroma is None:
            return None
        places = (round(start * self.rate) + np.arange(self.length)) % len(self.chroma)
        heard: NDArray[np.float32] = self.chroma[places]
        return heard


@dataclass(frozen=True, eq=False)
class Wish:
    """One song. `guidance` 1 makes rows without a text needless. Of models that hear melodies all have a `melody`.

    Guidance: logits = without + guidance * (with - without), of Ho and Salimans (2022).
    """

    sections: Sequence[Section]
    seed: int = 0
    sampling: Sampling = field(default_factory=lambda: SAMPLING)
    guidance: float = GUIDANCE
    owner: str = ""
    priority: Priority = Priority.STANDARD
    reference: Reference | None = None
    melody: Melody | None = None


def window_seed(seed: int, number: int) -> int:
    """The song's own for its first window, so that a song of one window is what its seed says; others are apart."""
    if number == 0:
        return seed
    spawned = np.random.SeedSequence(seed, spawn_key=(number,)).generate_state(1, np.uint64)
    return int(spawned[0]) >> 1


def request_of(name: str, wish: Wish, window: Window, context: Codes, pattern: DelayPattern, every: int) -> Request:
    """A window that begins with `context` [books, window.context]; its stream is cut every so many frames."""
    frames = window.context + window.fresh
    codes, states, melody = prompt_of(pattern, context), wish.sections[window.section].states, wish.melody
    # Melody and text have positions of their own there, and no codes.
    before = 0 if melody is None else melody.length + len(states)
    prompt = np.pad(codes, ((before, 0), (0, 0)))
    guide = Guide(frames, states, None if melody is None else melody.heard(window.start))
    alone = wish.guidance == 1.0
    return Request(
        request_id=name,
        row=Row(prompt, guide),
        max_tokens=pattern.positions(frames) - len(codes),
        seed=window_seed(wish.seed, window.number),
        sampling=wish.sampling,
        unconditional=None if alone else Row(prompt, Guide(frames, words=len(states))),
        guidance=wish.guidance,
        grammar=GivenFrames(pattern, context) if window.context else None,
        boundaries=Boundaries(every=every),
        owner_id=wish.owner,
        priority=wish.priority,
    )
