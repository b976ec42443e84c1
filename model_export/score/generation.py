"""Whole pieces from a checkpoint in torch, written as serving writes them; for evaluation and samples."""

from dataclasses import dataclass
from pathlib import Path

from model_export.score.checkpoint import Checkpoint
from model_export.score.torch_steps import TorchSteps
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.language import Language
from triton_models.score_language.music import Piece, Section, Track
from triton_models.score_writer.alone import write_alone
from triton_models.score_writer.windows import PLAIN, Manner, Song, Taste, Vector
from triton_models.score_writer.writing import Writer
from triton_models.step_graph.model import StepGraphSettings, open_step_graph


@dataclass(frozen=True)
class Request:
    """What is wanted: wishes, the embedding [384] of a description or None, how to draw, and a seed."""

    wishes: Wishes
    vector: Vector | None = None
    text: str = ""
    taste: Taste = PLAIN
    seed: int = 0


class Generator:
    """Writes with one checkpoint, or with the graph that was made of it; equal requests give equal music."""

    def __init__(self, checkpoint: Checkpoint, graph: Path | None = None) -> None:
        self._language = Language(checkpoint.vocabulary, checkpoint.tokenizer)
        self._context = checkpoint.model.shape.context
        steps = TorchSteps(checkpoint.model) if graph is None else open_step_graph(graph, StepGraphSettings(slots=2))
        self._scheduler = Scheduler(steps, Limits(prompt_chunk=self._context))

    def compose(self, request: Request, bars: int, sections: tuple[Section, ...] = (), *, strict: bool = True) -> Piece:
        """A new piece of `bars` bars, in these sections or in those that the model thinks of.

        `strict` binds the plan to the wishes; without it the model may miss them, which is how it is judged.
        """
        writer = Writer(self._language, self._context, request.wishes, binding=strict)
        return self._written(_composed(writer, request.text, bars, sections), request)

    def extend(self, piece: Piece, request: Request, bars: int) -> Piece:
        """The piece, gone on with until it has `bars` bars."""
        return self._written(self._writer(request).extend(piece, bars), request)

    def repaint(self, piece: Piece, request: Request, bars: range) -> Piece:
        """The piece with these bars written anew between what surrounds them."""
        return self._written(self._writer(request).repaint(piece, bars), request)

    def vary(self, piece: Piece, request: Request, section: int) -> Piece:
        """The piece with a section that came before written anew; raises ValueError for a first occurrence."""
        return self._written(self._writer(request).vary(piece, section), request)

    def add_layer(self, piece: Piece, request: Request, track: Track) -> Piece:
        """The piece with one more track through all of its bars."""
        return self._written(self._writer(request).add_layer(piece, track), request)

    def _writer(self, request: Request) -> Writer:
        return Writer(self._language, self._context, request.wishes)

    def _written(self, song: Song[Piece], request: Request) -> Piece:
        manner = Manner(request.seed, request.vector, request.taste)
        return write_alone(song, manner, self._scheduler, self._context)


def _composed(writer: Writer, text: str, bars: int, sections: tuple[Section, ...]) -> Song[Piece]:
    plan = yield from writer.plan()
    return (yield from writer.compose(plan, bars, sections, text))
