"""Whole pieces from a model: planning, writing window by window, and repainting, layering and varying what is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.score.checkpoint import Checkpoint
from model_export.score.conditioning import Wishes, prefix_tokens
from model_export.score.encoding import Encoded, Form, encode, plan_tokens
from model_export.score.grammar import Grammar
from model_export.score.music import Bar, Part, Piece, Section, Track, section_starts
from model_export.score.parsing import Job, Parser
from model_export.score.planning import Plan, Planner
from model_export.score.sampling import PLAIN, Sampling, Teller
from model_export.score.windows import View, context_tokens, gap_view, layer_view, next_view, variation_view

Vector = NDArray[np.float32]
_RESERVED: Final = 0.5  # share of a window that stays for what is written, when a piece is longer than it
_LEAST_LEFT: Final = 4


@dataclass(frozen=True)
class Request:
    """What is wanted: wishes, the embedding [384] of a description or None, how to sample, and a seed."""

    wishes: Wishes
    vector: Vector | None = None
    text: str = ""
    sampling: Sampling = PLAIN
    seed: int = 0


class Generator:
    """Writes with one checkpoint; equal requests give equal music."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._made = checkpoint
        self._grammar = Grammar(checkpoint.vocabulary, checkpoint.tokenizer)

    def compose(self, request: Request, bars: int, sections: tuple[Section, ...] = (), *, strict: bool = True) -> Piece:
        """A new piece of `bars` bars, in these sections or in those that the model thinks of.

        `strict` binds the plan to the wishes; without it the model may miss them, which is how it is judged.
        """
        rng = np.random.default_rng(request.seed)
        plan = self._plan(request, rng, strict=strict)
        wishes = request.wishes
        piece = Piece(
            *(wishes.genre, wishes.mood, request.text, plan.qpm, plan.tonic, plan.mode, plan.meter, plan.tracks),
            sections=sections,
            bars=(),
        )
        return self.extend(piece, request, bars, rng)

    def extend(self, piece: Piece, request: Request, bars: int, rng: np.random.Generator | None = None) -> Piece:
        """The piece, gone on with until it has `bars` bars; what is there stays as it is."""
        rng = rng or np.random.default_rng(request.seed)
        while len(piece.bars) < bars:
            grown = self._write_on(piece, request, bars, rng)
            if len(grown.bars) == len(piece.bars):
                raise ValueError("a bar does not fit into the window")
            piece = grown
        return piece

    def repaint(self, piece: Piece, request: Request, bars: range) -> Piece:
        """The piece with these bars written anew between what surrounds them."""
        rng, start = np.random.default_rng(request.seed), bars.start
        while start < bars.stop:
            gap = range(start, bars.stop)
            view = gap_view(self._encode(piece).bars, gap, _every(piece), self._room(piece, request))
            piece = self._rewrite(piece, request, "infill", view, rng)
            start = view.write.stop
        return piece

    def vary(self, piece: Piece, request: Request, section: int) -> Piece:
        """The piece with a section that came before written anew; raises ValueError for a first occurrence."""
        encoded = self._encode(piece)
        view = variation_view(encoded.bars, encoded.form, section, _every(piece), self._room(piece, request))
        if view is None:
            raise ValueError("the section goes back to no other")
        return self._rewrite(piece, request, "vary", view, np.random.default_rng(request.seed))

    def add_layer(self, piece: Piece, request: Request, track: Track) -> Piece:
        """The piece with one more track through all of its bars."""
        index = len(piece.tracks)
        bars = tuple(replace(bar, parts=(*bar.parts, None)) for bar in piece.bars)
        piece = replace(piece, tracks=(*piece.tracks, track), bars=bars)
        rng, start = np.random.default_rng(request.seed), 0
        while start < len(bars):
            view = layer_view(self._encode(piece).bars, start, index, _every(piece), self._room(piece, request))
            piece = self._rewrite(piece, request, "layer", view, rng)
            start = view.write.stop
        return piece

    def _plan(self, request: Request, rng: np.random.Generator, *, strict: bool) -> Plan:
        vocabulary = self._made.vocabulary
        planner = Planner(request.wishes, vocabulary, len(self._made.tokenizer), strict)
        teller = self._teller(request, "scratch", [vocabulary.id("Plan")])
        while planner.phase != "done":
            token = teller.next(planner.mask(), rng)
            planner.push(token)
            teller.tell([token])
        return planner.plan

    def _write_on(self, piece: Piece, request: Request, stop: int, rng: np.random.Generator) -> Piece:
        """As many further bars as one window holds."""
        encoded = self._encode(piece)
        decided = _only_known(encoded.form, len(piece.bars))
        encoded = replace(encoded, form=_with_length(decided, stop))
        room = self._room(piece, request)
        view = next_view(encoded.bars, encoded.form, _every(piece), stop, room, round(_RESERVED * room))
        task = "continue" if piece.bars else "scratch"
        parser = self._write(encoded, piece, request, task, view, rng, decided)
        return replace(
            piece,
            bars=(*piece.bars, *parser.bars(len(piece.tracks))),
            sections=_cut(parser.form.sections, stop),
        )

    def _rewrite(self, piece: Piece, request: Request, task: str, view: View, rng: np.random.Generator) -> Piece:
        encoded = self._encode(piece)
        parser = self._write(encoded, piece, request, task, view, rng)
        written = parser.bars(len(piece.tracks))
        bars = list(piece.bars)
        for number, fresh in zip(view.write, written, strict=False):
            bars[number] = _merged(bars[number], fresh, view)
        return replace(piece, bars=tuple(bars))

    def _write(
        self,
        encoded: Encoded,
        piece: Piece,
        request: Request,
        task: str,
        view: View,
        rng: np.random.Generator,
        decided: Form | None = None,
    ) -> Parser:
        """Sample a block; it ends early, behind a whole bar, when the window is full.

        `decided` is the part of the form that is binding, by default all of it.
        """
        vocabulary, expansions = self._made.vocabulary, self._made.tokenizer.expansions
        context, writer = context_tokens(encoded.bars, encoded.form, view, vocabulary)
        teller = self._teller(request, task, [*encoded.plan, *context, vocabulary.id("Write")])
        parser = Parser(_job(piece, encoded.form, decided or encoded.form, view, writer.levels), vocabulary)
        while not parser.finished and teller.left >= _LEAST_LEFT:
            token = teller.next(self._grammar.mask(parser), rng)
            for base in expansions[token]:
                parser.push(base)
            teller.tell([token])
        return parser

    def _teller(self, request: Request, task: str, story: list[int]) -> Teller:
        vocabulary = self._made.vocabulary
        prompts = tuple([*prefix_tokens(wishes, task, vocabulary), *story] for wishes in (request.wishes, Wishes()))
        return Teller(self._made.model, (prompts[0], prompts[1]), request.vector, request.sampling)

    def _encode(self, piece: Piece) -> Encoded:
        if piece.bars:
            return encode(piece, self._made.vocabulary, self._made.tokenizer)
        plan = plan_tokens(piece, self._made.vocabulary)
        return Encoded(plan, Form(piece.sections, (None,) * len(piece.sections)), ())

    def _room(self, piece: Piece, request: Request) -> int:
        """Tokens of a window behind wishes and plan."""
        prefix = len(prefix_tokens(request.wishes, "scratch", self._made.vocabulary))
        return self._made.model.shape.context - prefix - len(plan_tokens(piece, self._made.vocabulary))


def _every(piece: Piece) -> tuple[int, ...]:
    return tuple(range(len(piece.tracks)))


def _only_known(form: Form, written: int) -> Form:
    """Without densities of sections of which nothing is written yet: the notes will tell them."""
    starts = section_starts(form.sections)
    densities = [density if start < written else None for density, start in zip(form.densities, starts, strict=True)]
    return Form(form.sections, tuple(densities))


def _with_length(form: Form, bars: int) -> Form:
    """The form with a nameless rest, for views that ask in which section a bar will be."""
    rest = bars - form.bars
    if rest <= 0:
        return form
    return Form((*form.sections, Section("", rest)), (*form.densities, None))


def _cut(sections: Sequence[Section], bars: int) -> tuple[Section, ...]:
    """The sections of the first `bars` bars."""
    kept = []
    for section in sections:
        kept.append(section._replace(bars=min(section.bars, bars)))
        bars -= kept[-1].bars
    return tuple(section for section in kept if section.bars > 0)


def _job(piece: Piece, form: Form, decided: Form, view: View, levels: dict[int, int]) -> Job:
    numbers = {*view.past, *view.future}
    if view.recall is not None:
        numbers |= set(range(view.recall.start, view.recall.start + view.recall.bars))
    return Job(
        start=view.write.start,
        stop=view.write.stop,
        bars=form.bars,
        tracks={track: piece.tracks[track] for track in view.tracks},
        positions=piece.meter.positions,
        form=decided,
        known=_parts(piece.bars, sorted(numbers), view.tracks),
        levels={track: level for track, level in levels.items() if track in view.tracks},
        recalled=view.recall,
        chords=not view.others,
    )


def _parts(bars: Sequence[Bar], numbers: Sequence[int], tracks: Sequence[int]) -> dict[tuple[int, int], Part]:
    found = {(number, track): bars[number].parts[track] for number in numbers for track in tracks}
    return {place: part for place, part in found.items() if part is not None}


def _merged(before: Bar, fresh: Bar, view: View) -> Bar:
    """The written tracks anew, everything else as it was."""
    parts = [fresh.parts[track] if track in view.tracks else part for track, part in enumerate(before.parts)]
    return Bar(before.chords if view.others else fresh.chords, tuple(parts))
