"""What the decoder sees: which bars of a piece go into its window as context for those that it writes. Pure.

Training, sampling and serving use the same functions, so that a model meets what it was trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from triton_models.score_language.encoding import BlockWriter, EncodedBar, Form
from triton_models.score_language.music import section_starts
from triton_models.score_language.vocabulary import Vocabulary

_HEADINGS: Final = 24  # tokens that the names of blocks and sections take, beside bars


@dataclass(frozen=True, slots=True)
class View:
    """Bars by number: what is recalled, what comes before and after, and what is written.

    `tracks` are written; `others` stand in the context but are not written (a layer is added to them).
    """

    write: range
    tracks: tuple[int, ...]
    past: range = range(0)
    future: range = range(0)
    recall: range = range(0)
    others: tuple[int, ...] = field(default=())


def context_tokens(
    bars: Sequence[EncodedBar], form: Form, view: View, vocabulary: Vocabulary
) -> tuple[list[int], BlockWriter]:
    """The blocks ahead of `Write`, in the order recalled, past, future, other tracks; and who goes on writing."""
    writer = BlockWriter(bars, form, vocabulary)
    tokens: list[int] = []
    if view.recall:
        tokens += writer.block("Recall", view.recall, view.tracks)
    if view.past:
        tokens += writer.block("Past", view.past, sorted({*view.tracks, *view.others}))
    if view.future:
        tokens += writer.block("Future", view.future, sorted({*view.tracks, *view.others}))
    if view.others:
        tokens += writer.block("Rest", view.write, view.others)
    return tokens, writer


def written_tokens(writer: BlockWriter, view: View, vocabulary: Vocabulary) -> list[int]:
    """The block that is written, from `Write` to `End`."""
    block = writer.block("Write", view.write, view.tracks, chords=not view.others)
    return [*block, vocabulary.id("End")]


def cost(bar: EncodedBar, tracks: Sequence[int]) -> int:
    """Tokens that a bar takes at most in a block, its headings aside."""
    parts = [bar.parts[track] for track in tracks]
    return 1 + len(bar.chords) + sum(2 + len(part.notes) for part in parts if part is not None)


def recall_for(form: Form, section: int) -> range:
    """The bars of the first occurrence of a section; none where it is that itself."""
    first = form.first_occurrence(section)
    if first is None:
        return range(0)
    start = section_starts(form.sections)[first]
    return range(start, start + form.sections[first].bars)


def next_view(
    bars: Sequence[EncodedBar], form: Form, tracks: tuple[int, ...], stop: int, room: int, reserve: int
) -> View:
    """How to go on behind the last bar: up to `stop`, with the recalled section and as many last bars as fit.

    `room` is the number of tokens of the window behind the plan, of which `reserve` stay for what is written. The
    recalled section may take half of the context, is recalled from where the piece has come to in it, and is not told
    twice when it is among the last bars.
    """
    budget = room - reserve - _HEADINGS
    written = len(bars)
    recall = range(0)
    if written and form.bars > written:
        first = recall_for(form, form.section_at(written))
        recalled = form.counterpart(written)
        rest = first if recalled is None else range(recalled, first.stop)
        recall = _affordable(bars, rest, tracks, budget // 2)
    past = last_bars(bars, written, tracks, budget - cost_of(bars, recall, tracks))
    if recall and past.start <= recall.start:
        past, recall = last_bars(bars, written, tracks, budget), range(0)
    return View(write=range(written, stop), tracks=tracks, past=past, recall=recall)


def gap_view(bars: Sequence[EncodedBar], gap: range, tracks: tuple[int, ...], room: int) -> View:
    """How to write the bars of a gap anew between a past and a future; long gaps are cut to half of the window."""
    budget = room - _HEADINGS
    write = next_bars(bars, gap.start, gap.stop, tracks, budget // 2) or range(gap.start, gap.start + 1)
    left = budget - cost_of(bars, write, tracks)
    past = last_bars(bars, write.start, tracks, left // 2)
    future = next_bars(bars, write.stop, len(bars), tracks, left - cost_of(bars, past, tracks))
    return View(write, tracks, past, future)


def layer_view(bars: Sequence[EncodedBar], start: int, track: int, tracks: tuple[int, ...], room: int) -> View:
    """How to write one track against the others from a bar on, as far as the window reaches."""
    write = next_bars(bars, start, len(bars), tracks, room - _HEADINGS) or range(start, start + 1)
    return View(write, (track,), others=tuple(other for other in tracks if other != track))


def variation_view(
    bars: Sequence[EncodedBar], form: Form, section: int, tracks: tuple[int, ...], room: int
) -> View | None:
    """How to write a section anew, given its first occurrence and what leads to it; None for a first occurrence."""
    budget = room - _HEADINGS
    recall = _affordable(bars, recall_for(form, section), tracks, budget // 3)
    if not recall:
        return None
    start = section_starts(form.sections)[section]
    past = last_bars(bars, start, tracks, budget // 6)
    past = range(max(past.start, recall.stop), start)
    left = budget - cost_of(bars, recall, tracks) - cost_of(bars, past, tracks)
    write = next_bars(bars, start, start + form.sections[section].bars, tracks, left)
    return View(write, tracks, past, recall=recall)


def last_bars(bars: Sequence[EncodedBar], end: int, tracks: Sequence[int], budget: int) -> range:
    """As many bars before `end` as `budget` tokens hold."""
    start = end
    while start > 0 and (price := cost(bars[start - 1], tracks)) <= budget:
        budget -= price
        start -= 1
    return range(start, end)


def next_bars(bars: Sequence[EncodedBar], start: int, stop: int, tracks: Sequence[int], budget: int) -> range:
    """As many bars from `start` on, before `stop`, as `budget` tokens hold."""
    end = start
    while end < stop and (price := cost(bars[end], tracks)) <= budget:
        budget -= price
        end += 1
    return range(start, end)


def cost_of(bars: Sequence[EncodedBar], numbers: range, tracks: Sequence[int]) -> int:
    """Tokens that these bars take at most."""
    return sum(cost(bars[number], tracks) for number in numbers)


def _affordable(bars: Sequence[EncodedBar], recall: range, tracks: Sequence[int], budget: int) -> range:
    """The first of these bars, as far as they are written and their tokens go."""
    return next_bars(bars, recall.start, min(recall.stop, len(bars)), tracks, budget)
