"""What is judged: briefs that training never saw, with the pieces that the corpus and the composer have for them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from model_export.score import records, sources
from model_export.score.embeddings import Encoder
from model_export.score.evaluation.report import Answer
from model_export.score.generation import Generator, Request
from model_export.score.records import Record
from model_export.score.steadying import steady
from triton_models.composer.brief import parse_brief
from triton_models.score_language.conditioning import Instrument, Wishes, wishes_of_brief
from triton_models.score_language.music import Piece
from triton_models.score_writer.briefs import sections_of
from triton_models.score_writer.windows import Taste, Vector

_OTHER_SEEDS: Final = 10**9  # far from those of any corpus


@dataclass(frozen=True)
class Case:
    """A brief as wishes, its words with their embedding, and the piece that the corpus has for it."""

    wishes: Wishes
    text: str
    vector: Vector
    brief: dict[str, Any]
    piece: Piece


def held_out(corpus: Path, count: int, programs: dict[str, tuple[Instrument, ...]], encoder: Encoder) -> list[Case]:
    """The first briefs of the test split."""
    chosen = briefs_of(corpus, count)
    vectors = encoder.embed([record.piece.text for record in chosen])
    return [
        Case(
            replace(wishes_of_brief(record.brief or {}, programs), text=True),
            record.piece.text,
            vector,
            record.brief or {},
            record.piece,
        )
        for record, vector in zip(chosen, vectors, strict=True)
    ]


def briefs_of(corpus: Path, count: int) -> list[Record]:
    """The first records of the test split that came from a brief."""
    return [record for record in records.load(corpus, "test") if record.brief is not None][:count]


def ask_composer(briefs: Sequence[dict[str, Any]], seeds: int, folder: Path) -> None:
    """Have the composer answer each brief from so many other seeds; writes into the folder.

    Raises CalledProcessError when it fails.
    """
    rows = [brief | {"seed": brief["seed"] + _OTHER_SEEDS * (1 + seed)} for brief in briefs for seed in range(seeds)]
    wanted = folder / "briefs.jsonl"
    wanted.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    command = [sys.executable, "-m", "triton_models.composer", "--briefs", str(wanted), "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def programs_in(folder: Path) -> dict[str, tuple[Instrument, ...]]:
    """What the composer's names of instruments stand for."""
    rows = json.loads((folder / "instruments.json").read_text())
    return {name: tuple((program, row["is_drum"]) for program in row["programs"]) for name, row in rows.items()}


def composer_answers(cases: Sequence[Case], folder: Path) -> list[Answer]:
    """The composer's pieces in that folder, with the wishes that they answer."""
    found = [record for record in sources.composed(folder) if isinstance(record, Record)]
    by_seed: dict[int, list[Piece]] = {}
    for record in found:
        seed = (record.brief or {})["seed"] % _OTHER_SEEDS
        by_seed.setdefault(seed, []).append(steady(record.piece))
    return [Answer(case.wishes, tuple(by_seed.get(case.brief["seed"], ()))) for case in cases]


def corpus_answers(cases: Sequence[Case]) -> list[Answer]:
    """The pieces of the corpus itself."""
    return [Answer(case.wishes, (case.piece,)) for case in cases]


def model_answer(
    generator: Generator, case: Case, seeds: int, longest: int, taste: Taste, *, strict: bool = False
) -> Answer:
    """What the model writes for a brief, as long as the corpus has it but at most `longest` bars.

    Nothing is forced, unless `strict`: then wishes bind and sections are laid out, as in serving.
    """
    bars = min(longest, len(case.piece.bars))
    brief = parse_brief(json.dumps(case.brief))
    pieces = []
    for seed in range(seeds):
        request = Request(case.wishes, case.vector, case.text, taste, seed)
        sections = sections_of(replace(brief, seed=brief.seed + seed), bars) if strict else ()
        pieces.append(generator.compose(request, bars, sections, strict=strict))
    return Answer(case.wishes, tuple(pieces))
