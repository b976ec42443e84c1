"""Examples of the five tasks out of an encoded piece, cut at whole bars to the length of the window. Pure, by seed."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from triton_models.score_language.encoding import Encoded, Form
from triton_models.score_language.music import section_starts
from triton_models.score_language.vocabulary import TASKS, Vocabulary
from triton_models.score_language.windows import (
    View,
    context_tokens,
    cost_of,
    gap_view,
    last_bars,
    layer_view,
    next_bars,
    recall_for,
    variation_view,
    written_tokens,
)

SHARES: Final = (0.35, 0.3, 0.12, 0.13, 0.1)  # of the tasks, in their order
_HEADINGS: Final = 24
_LONGEST_GAP: Final = 8
_NO_DENSITIES: Final = 0.3  # share of examples whose sections do not tell how dense they are
_AT_RETURNS: Final = 0.6  # share of continuations that begin where a section comes again, as windows in serving do
_NO_RECALL: Final = 0.15  # share of them that are not told how the section was before


@dataclass(frozen=True, slots=True)
class Example:
    """`tokens` behind the wishes; those from `written` on are what the task asks for."""

    task: str
    tokens: tuple[int, ...]
    written: int


def choose_task(encoded: Encoded, rng: np.random.Generator) -> str:
    """A task that the piece is good for: there is something to continue, to add a layer to, or to vary."""
    task = str(rng.choice(TASKS, p=SHARES))
    tracks = len(encoded.bars[0].parts)
    fits = {
        "scratch": True,
        "continue": len(encoded.bars) >= 4,
        "infill": len(encoded.bars) >= 4,
        "layer": tracks > 1,
        "vary": bool(_repeated_sections(encoded)),
    }
    return task if fits[task] else "scratch"


def make_example(encoded: Encoded, task: str, room: int, vocabulary: Vocabulary, rng: np.random.Generator) -> Example:
    """An example of at most `room` tokens, plan included."""
    if rng.random() < _NO_DENSITIES:
        sections = encoded.form.sections
        encoded = replace(encoded, form=Form(sections, (None,) * len(sections)))
    view = _view(encoded, task, room - len(encoded.plan), rng)
    context, writer = context_tokens(encoded.bars, encoded.form, view, vocabulary)
    known = [*encoded.plan, *context]
    written = written_tokens(writer, view, vocabulary)
    return Example(task, tuple([*known, *written][:room]), len(known))


def _view(encoded: Encoded, task: str, room: int, rng: np.random.Generator) -> View:
    bars = encoded.bars
    every = tuple(range(len(bars[0].parts)))
    match task:
        case "continue":
            return _continuation(encoded, every, room - _HEADINGS, rng)
        case "infill":
            length = int(rng.integers(1, min(_LONGEST_GAP, len(bars) - 2) + 1))
            start = int(rng.integers(0, len(bars) - length + 1))
            return gap_view(bars, range(start, start + length), every, room)
        case "layer":
            return layer_view(bars, _start(encoded, every, room, rng), _played(encoded, rng), every, room)
        case "vary":
            view = variation_view(bars, encoded.form, int(rng.choice(_repeated_sections(encoded))), every, room)
            return view or _from_the_start(encoded, every, room)
        case _:
            return _from_the_start(encoded, every, room)


def _from_the_start(encoded: Encoded, every: tuple[int, ...], room: int) -> View:
    return View(next_bars(encoded.bars, 0, len(encoded.bars), every, room - _HEADINGS) or range(1), every)


def _continuation(encoded: Encoded, every: tuple[int, ...], room: int, rng: np.random.Generator) -> View:
    """From a bar of the piece on, behind a share of the window with what was before it."""
    bars, form = encoded.bars, encoded.form
    split = _split(encoded, rng)
    share = int(room * rng.uniform(0.25, 0.6))
    past = last_bars(bars, split, every, share)
    left = room - cost_of(bars, past, every)
    recall = recall_for(form, form.section_at(split))
    if past.start <= recall.start or rng.random() < _NO_RECALL:
        recall = range(0)
    recall = next_bars(bars, recall.start, min(recall.stop, past.start), every, left // 2)
    left -= cost_of(bars, recall, every)
    return View(next_bars(bars, split, len(bars), every, left) or range(split, split + 1), every, past, recall=recall)


def _split(encoded: Encoded, rng: np.random.Generator) -> int:
    """The first bar of a continuation."""
    starts = section_starts(encoded.form.sections)
    returns = [
        start for section in _repeated_sections(encoded) if 2 <= (start := starts[section]) < len(encoded.bars) - 1
    ]
    if returns and rng.random() < _AT_RETURNS:
        return int(rng.choice(returns))
    return int(rng.integers(2, len(encoded.bars) - 1))


def _repeated_sections(encoded: Encoded) -> list[int]:
    form = encoded.form
    return [index for index in range(len(form.sections)) if form.first_occurrence(index) is not None]


def _played(encoded: Encoded, rng: np.random.Generator) -> int:
    """A track, by how many bars it plays in."""
    counts = np.array(
        [sum(part is not None for part in row) for row in zip(*(bar.parts for bar in encoded.bars), strict=True)]
    )
    return int(rng.choice(len(counts), p=counts / counts.sum()))


def _start(encoded: Encoded, every: tuple[int, ...], room: int, rng: np.random.Generator) -> int:
    """Any bar from which the rest of the piece more than fills the window, or its first one."""
    latest = last_bars(encoded.bars, len(encoded.bars), every, room).start
    return int(rng.integers(0, latest + 1))
