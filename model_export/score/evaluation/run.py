"""The whole evaluation of a checkpoint: model, composer and corpus side by side, as a table and as a file."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from model_export.score import checkpoint, records
from model_export.score.checkpoint import Checkpoint
from model_export.score.embeddings import Encoder
from model_export.score.evaluation import genres
from model_export.score.evaluation.cases import (
    ask_composer,
    briefs_of,
    composer_answers,
    corpus_answers,
    held_out,
    model_answer,
    programs_in,
)
from model_export.score.evaluation.genres import GenreClassifier
from model_export.score.evaluation.novelty import CopyIndex
from model_export.score.evaluation.perplexity import perplexity
from model_export.score.evaluation.repainting import answers, measured, p_values, repainted
from model_export.score.evaluation.report import Answer, Row, measure, pieces_of
from model_export.score.generation import Generator
from triton_models.score_writer.leaning import NOWHERE
from triton_models.score_writer.windows import Taste


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is written: `seeds` pieces for each of `briefs`, of at most `bars` bars."""

    briefs: int = 64
    seeds: int = 2
    bars: int = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """The folder of a checkpoint, and the served graph that writes in its place, if any: several times as fast."""

    checkpoint: Path
    graph: Path | None = None


def evaluate(model: Judged, corpus: Path, extent: Extent, taste: Taste, watch: Callable[[int], None]) -> dict[str, Row]:
    """Rows by source: `model`, `served`, `composer`, `corpus`, `repainted`, `as it was` and its `p`.

    `served` is the model with wishes that bind and with its leanings, as are repainted bars; `p` is how likely chance
    alone sets those as far apart from other bars of their pieces. `watch` hears of each brief done.
    """
    made = checkpoint.load(model.checkpoint)
    generator = Generator(made, model.graph)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        ask_composer([record.brief or {} for record in briefs_of(corpus, extent.briefs)], extent.seeds, folder)
        cases = held_out(corpus, extent.briefs, programs_in(folder), Encoder())
        composed = composer_answers(cases, folder)
    classifier = genres.train(record.piece for record in records.load(corpus, "train"))
    known = CopyIndex(record.piece for record in records.load(corpus, "train"))
    free, bound, alone = [], [], replace(taste, leaning=NOWHERE)
    for case in cases:
        free.append(model_answer(generator, case, extent.seeds, extent.bars, alone))
        bound.append(model_answer(generator, case, extent.seeds, extent.bars, taste, strict=True))
        watch(1)
    painted = repainted(generator, [case.piece for case in cases], taste)
    fresh, before = answers(painted)
    rows = {
        "model": _row(free, classifier, known, made),
        "served": _row(bound, classifier, known, made),
        "composer": _row(composed, classifier, known, made),
        "corpus": _row(corpus_answers(cases), classifier, known, made),
        "repainted": measure(fresh, classifier, None) | measured(pieces_of(fresh)),
        "as it was": measure(before, classifier, None) | measured(pieces_of(before)),
        "p": p_values(painted),
    }
    rows["corpus"]["classifier"] = classifier.accuracy([case.piece for case in cases])
    return rows


def save(path: Path, rows: dict[str, Row], extent: Extent, taste: Taste) -> None:
    """Write the numbers with what they were made with."""
    document = {"schema": "cadenza.evaluation/1", **asdict(extent), "sampling": asdict(taste), "rows": rows}
    path.write_text(json.dumps(document, indent=2) + "\n")


def _row(made_for: Sequence[Answer], classifier: GenreClassifier, known: CopyIndex, made: Checkpoint) -> Row:
    return measure(made_for, classifier, known) | {"perplexity": perplexity(made, pieces_of(made_for))}
