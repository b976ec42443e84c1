"""A language, a model of chance that makes legal music by it, and whoever waits for songs."""

import json
import threading
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tests.generation_core.toy_model import ToyModel
from tests.model_export.score.builders import VOCABULARY, song, tokenizer_of
from triton_models.composer.brief import Brief
from triton_models.generation_core.model import Logits, Tokens
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.score.document import to_json
from triton_models.score.model import Score
from triton_models.score_language import documents
from triton_models.score_language.language import Language
from triton_models.score_writer.alone import write_alone
from triton_models.score_writer.edits import Edit, parse_edit
from triton_models.score_writer.songs import Finished, task_of
from triton_models.score_writer.windows import Manner

PATIENCE: Final = 60.0
CONTEXT: Final = 700
LANGUAGE: Final = Language(VOCABULARY, tokenizer_of(song()))
BRIEF: Final = Brief("jazz", 12.0, 5, bpm=120.0, meter="4/4")
TEXT: Final = np.zeros(384, np.float32)


class ChanceModel(ToyModel):
    """Every step waits at `gate` if that is shut, so that a test can look at songs under way."""

    def __init__(self, slots: int = 4) -> None:
        super().__init__(slots, CONTEXT, 1, len(LANGUAGE.tokenizer))
        self.gate = threading.Event()
        self.gate.set()

    def step(self, slots: NDArray[np.int64], tokens: Tokens, positions: NDArray[np.int64]) -> Logits:
        assert self.gate.wait(PATIENCE)
        return super().step(slots, tokens, positions)


class Waiting:
    """A customer that keeps what it is told."""

    def __init__(self) -> None:
        self.gone = False
        self.told: list[tuple[int, int]] = []
        self.song: Finished | None = None
        self.error: Exception | None = None
        self.ended = threading.Event()
        self.begun = threading.Event()

    def is_gone(self) -> bool:
        return self.gone

    def progress(self, bars: int, of: int) -> None:
        self.told.append((bars, of))
        self.begun.set()

    def finished(self, song: Finished) -> None:
        assert not self.ended.is_set()
        self.song = song
        self.ended.set()

    def failed(self, error: Exception) -> None:
        assert not self.ended.is_set()
        self.error = error
        self.ended.set()


def written(brief: Brief, edit: Edit | None = None, manner: Manner | None = None) -> Finished:
    """A song that a model of its own writes."""
    task = task_of(brief, edit, LANGUAGE, CONTEXT, text=False)
    return write_alone(task.song, manner or Manner(brief.seed), chance(), CONTEXT)


def chance() -> Scheduler:
    """A scheduler of its own for one song at a time."""
    return Scheduler(ChanceModel(2), Limits(prompt_chunk=CONTEXT))


def score_of(bars: int = 8) -> Score:
    """The song of the builders, which lasts two seconds a bar, as somebody plays it: a little late, and held."""
    score = documents.write(song(bars), "A song", 3)
    tracks = tuple(
        replace(track, notes=tuple(replace(note, start=note.start + 0.013) for note in track.notes))
        for track in score.tracks
    )
    return replace(score, tracks=tracks, duration_beats=4.0 * bars + 0.5)


def edit_of(score: Score, **fields: Any) -> Edit:
    """The edit of a document with these fields."""
    return parse_edit(document_of(score, **fields))


def document_of(score: Score, **fields: Any) -> str:
    """cadenza.edit/1 of a score."""
    return json.dumps({"schema": "cadenza.edit/1", "score": json.loads(to_json(score)), **fields})
