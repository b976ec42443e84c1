"""How pieces are written and rewritten: which windows a model is asked for, and what becomes of the answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from triton_models.score_language.conditioning import Instrument, Wishes, prefix_tokens
from triton_models.score_language.encoding import Encoded, Form, encode, plan_tokens
from triton_models.score_language.grid import PER_QUARTER
from triton_models.score_language.language import Language
from triton_models.score_language.music import Bar, Part, Piece, Section, Track, section_starts, shift_of
from triton_models.score_language.parsing import Job, Parser
from triton_models.score_language.planning import Plan, Planner
from triton_models.score_language.windows import View, context_tokens, gap_view, layer_view, next_view, variation_view
from triton_models.score_writer.compasses import compasses
from triton_models.score_writer.rules import BlockRules, PlanRules
from triton_models.score_writer.windows import Rules, Song, Window

_RESERVED: Final = 0.5  # share of a window that stays for what is written, when a piece is longer than it
_SILENT_BARS: Final = 7  # that an instrument may rest before it is heard at all
_FORWARD: Final = ("scratch", "continue")
_MOST_EMPTY: Final = 4  # windows in a row, drawn with other numbers, that bring no whole bar


class WindowTooSmallError(RuntimeError):
    """The model wrote bars so long that not even one of them fits into its window."""


@dataclass
class Progress:
    """Bars written and bars to write, 0 while nobody knows; may be asked while a window is being filled."""

    of: int = 0
    done: int = 0
    current: Parser | None = None

    @property
    def bars(self) -> int:
        """Whole bars that are written."""
        parser = self.current
        begun = 0 if parser is None else max(0, parser.number - parser.job.start) + parser.finished
        return min(self.of, self.done + begun)


class Writer:
    """Writes one song for one set of wishes with a model of `context` positions.

    Where wishes are `binding`, the plan keeps them and wanted instruments play; otherwise the model may miss them.
    """

    def __init__(self, language: Language, context: int, wishes: Wishes, *, binding: bool = True) -> None:
        self._language = language
        self._context = context
        self._wishes = wishes
        self._binding = binding
        self.progress = Progress()
        self._empty = 0

    def plan(self) -> Song[Plan]:
        """Meter, key, tempo and tracks."""
        vocabulary = self._language.vocabulary
        rules = PlanRules(Planner(self._wishes, vocabulary, len(self._language.tokenizer), self._binding))
        yield self._window("scratch", [vocabulary.id("Plan")], rules)
        return rules.planner.plan

    def compose(self, plan: Plan, bars: int, sections: tuple[Section, ...] = (), text: str = "") -> Song[Piece]:
        """A new piece of `bars` bars, in these sections or in those that the model thinks of."""
        wishes = self._wishes
        facts = (wishes.genre, wishes.mood, text, plan.qpm, plan.tonic, plan.mode, plan.meter, plan.tracks)
        return (yield from self.extend(Piece(*facts, sections=sections, bars=()), bars))

    def extend(self, piece: Piece, bars: int) -> Song[Piece]:
        """The piece, gone on with until it has `bars` bars; what is there stays as it is."""
        while len(piece.bars) < bars:
            piece = yield from self._write_on(piece, bars)
        return piece

    def repaint(self, piece: Piece, bars: range) -> Song[Piece]:
        """The piece with these bars written anew between what surrounds them."""
        start = bars.start
        while start < bars.stop:
            gap = range(start, bars.stop)
            view = gap_view(self._encode(piece).bars, gap, _every(piece), self._room(piece))
            piece, written = yield from self._rewrite(piece, "infill", view)
            start += written
        return piece

    def vary(self, piece: Piece, section: int) -> Song[Piece]:
        """The piece with a section that came before written anew; raises ValueError for a first occurrence."""
        encoded = self._encode(piece)
        view = variation_view(encoded.bars, encoded.form, section, _every(piece), self._room(piece))
        if view is None:
            raise ValueError("the section goes back to no other")
        start = section_starts(piece.sections)[section]
        stop = start + piece.sections[section].bars
        written = 0
        if view.write:
            piece, written = yield from self._rewrite(piece, "vary", view)
        return (yield from self.repaint(piece, range(start + written, stop)))

    def add_layer(self, piece: Piece, track: Track) -> Song[Piece]:
        """The piece with one more track through all of its bars."""
        index, start = len(piece.tracks), 0
        bars = tuple(replace(bar, parts=(*bar.parts, None)) for bar in piece.bars)
        piece = replace(piece, tracks=(*piece.tracks, track), bars=bars)
        while start < len(bars):
            view = layer_view(self._encode(piece).bars, start, index, _every(piece), self._room(piece))
            piece, written = yield from self._rewrite(piece, "layer", view)
            start += written
        return piece

    def _write_on(self, piece: Piece, stop: int) -> Song[Piece]:
        """As many further bars as one window holds."""
        encoded = self._encode(piece)
        decided = _only_known(encoded.form, len(piece.bars))
        encoded = replace(encoded, form=_with_length(decided, stop))
        room = self._room(piece)
        view = next_view(encoded.bars, encoded.form, _every(piece), stop, room, round(_RESERVED * room))
        parser = yield from self._write(encoded, piece, "continue" if piece.bars else "scratch", view, decided)
        written = self._taken(parser, len(piece.tracks))
        if not written:
            return piece
        return replace(piece, bars=(*piece.bars, *written), sections=first_sections(parser.form.sections, stop))

    def _rewrite(self, piece: Piece, task: str, view: View) -> Song[tuple[Piece, int]]:
        """The piece with the bars of a view written anew, as far as the window goes; and how many those were."""
        encoded = self._encode(piece)
        parser = yield from self._write(encoded, piece, task, view, encoded.form)
        written = self._taken(parser, len(piece.tracks))
        bars = list(piece.bars)
        for number, fresh in zip(view.write, written, strict=False):
            bars[number] = _merged(bars[number], fresh, view)
        return replace(piece, bars=tuple(bars)), len(written)

    def _write(self, encoded: Encoded, piece: Piece, task: str, view: View, decided: Form) -> Song[Parser]:
        """A block; it ends early, within a bar, when the window is full. `decided` is what binds of the form."""
        vocabulary = self._language.vocabulary
        context, writer = context_tokens(encoded.bars, encoded.form, view, vocabulary)
        job = replace(_job(piece, encoded.form, decided, view, writer.levels), due=self._due(piece, view, task))
        parser = Parser(job, vocabulary)
        self.progress.current = parser
        story = [*encoded.plan, *context, vocabulary.id("Write")]
        yield self._window(task, story, BlockRules(parser, self._language, returning=task in _FORWARD))
        return parser

    def _due(self, piece: Piece, view: View, task: str) -> dict[int, int]:
        """Wanted instruments and layers not heard yet play by the eighth bar or the middle of a short song."""
        if not self._binding or task not in ("scratch", "continue", "layer"):
            return {}
        wanted = frozenset[Instrument]().union(*self._wishes.wanted)
        named = [track for track in view.tracks if task == "layer" or _instrument(piece.tracks[track]) in wanted]
        silent = [track for track in named if all(bar.parts[track] is None for bar in piece.bars)]
        return dict.fromkeys(silent, min(_SILENT_BARS, (view.write.stop - 1) // 2))

    def _taken(self, parser: Parser, tracks: int) -> tuple[Bar, ...]:
        """The whole bars of a block; raises WindowTooSmallError when there have been none for some windows."""
        written = parser.bars(tracks)
        self.progress.current = None
        self.progress.done += len(written)
        self._empty = 0 if written else self._empty + 1
        if self._empty == _MOST_EMPTY:
            raise WindowTooSmallError(f"bar {parser.job.start + 1} does not fit into the model's window")
        return written

    def _window(self, task: str, story: list[int], rules: Rules) -> Window:
        told, bare = (
            [*prefix_tokens(wishes, task, self._language.vocabulary), *story] for wishes in (self._wishes, Wishes())
        )
        return Window(told, bare, rules)

    def _encode(self, piece: Piece) -> Encoded:
        if piece.bars:
            return encode(piece, self._language.vocabulary, self._language.tokenizer)
        plan = plan_tokens(piece, self._language.vocabulary)
        return Encoded(plan, Form(piece.sections, (None,) * len(piece.sections)), ())

    def _room(self, piece: Piece) -> int:
        """Tokens of a window behind wishes and plan."""
        prefix = len(prefix_tokens(self._wishes, "scratch", self._language.vocabulary))
        return self._context - prefix - len(plan_tokens(piece, self._language.vocabulary))


def _instrument(track: Track) -> Instrument:
    return track.program, track.is_drum


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


def first_sections(sections: Sequence[Section], bars: int) -> tuple[Section, ...]:
    """The sections of the first `bars` bars."""
    kept = []
    for section in sections:
        kept.append(section._replace(bars=min(section.bars, bars)))
        bars -= kept[-1].bars
    return tuple(section for section in kept if section.bars > 0)


def _job(piece: Piece, form: Form, decided: Form, view: View, levels: dict[int, int]) -> Job:
    numbers = {*view.recall, *view.past, *view.future}
    return Job(
        start=view.write.start,
        stop=view.write.stop,
        bars=form.bars,
        tracks={track: piece.tracks[track] for track in view.tracks},
        positions=piece.meter.positions,
        form=decided,
        known=_parts(piece.bars, sorted(numbers), view.tracks),
        levels={track: level for track, level in levels.items() if track in view.tracks},
        harmony=[bar.chords for bar in piece.bars],
        chords=not view.others,
        beat=round(PER_QUARTER * piece.meter.pulse),
        compasses=compasses(piece.tracks, shift_of(piece.tonic)),
    )


def _parts(bars: Sequence[Bar], numbers: Sequence[int], tracks: Sequence[int]) -> dict[tuple[int, int], Part]:
    found = {(number, track): bars[number].parts[track] for number in numbers for track in tracks}
    return {place: part for place, part in found.items() if part is not None}


def _merged(before: Bar, fresh: Bar, view: View) -> Bar:
    """The written tracks anew, everything else as it was."""
    parts = [fresh.parts[track] if track in view.tracks else part for track, part in enumerate(before.parts)]
    return Bar(before.chords if view.others else fresh.chords, tuple(parts))
