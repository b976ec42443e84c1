"""What the commands do: from folders and options to the pieces of the package, with progress on the terminal."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import chain, islice
from pathlib import Path
from typing import Final

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from model_export.score import checkpoint, corpus, embeddings, merging, records, sources
from model_export.score.checkpoint import Checkpoint
from model_export.score.dataset import Dataset, Described, described
from model_export.score.merging import VOCABULARY_SIZE
from model_export.score.records import SPLITS, Split
from model_export.score.runs import Limits, Run
from model_export.score.sizes import Size
from model_export.score.training import StepReport, Trainer
from model_export.score.transformer import ScoreTransformer
from triton_models.score_language import tokenizer
from triton_models.score_language.encoding import BlockWriter, encode, rows_of
from triton_models.score_language.music import Piece
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import DISTANCES, Vocabulary

VALIDATION_SEED: Final = 7
_COMPOSED: Final = "composed"
_MOST_TOKENISED: Final = 4000  # pieces that merges are learned from


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Progress]:
    """One bar with how much is done and what a caller adds as `note`; silent when the output is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        progress.add_task(what, total=total, note="")
        yield progress


def build_corpus(folder: Path, seeds: range | None, midi: Sequence[Path], *, drums_alone: bool, processes: int) -> None:
    """Compose, read, clean, split and embed; composed files stay in the folder, so that a second call is quick."""
    composed = folder / _COMPOSED
    if seeds is not None:
        with progress_bar("composing", len(seeds)) as bar:
            sources.compose(seeds, composed, processes, lambda done: bar.advance(bar.task_ids[0], done))
    files = [sources.from_midi(path, drums_alone=drums_alone) for path in midi]
    summary = corpus.build(chain(sources.composed(composed), *files), folder)
    encoder = embeddings.Encoder()
    for split in SPLITS:
        with progress_bar(f"embedding {split}", summary.pieces[split]) as bar:
            embeddings.save(folder, split, encoder, lambda done, bar=bar: bar.advance(bar.task_ids[0], done))  # type: ignore[misc]
    _say(f"{summary.pieces}, {summary.duplicates} duplicates, refused: {summary.refused or 'none'}")


def train_tokenizer(folder: Path, size: int = VOCABULARY_SIZE) -> dict[str, float]:
    """Learn merges from the training split, and tell what they save on the validation split."""
    vocabulary = corpus.vocabulary_of(folder)
    rows = (_fresh_rows(record.piece, vocabulary) for record in islice(records.load(folder, "train"), _MOST_TOKENISED))
    made = merging.train(vocabulary, chain.from_iterable(rows), size)
    made.save(folder)
    figures = measure_tokens([record.piece for record in records.load(folder, "validation")], vocabulary, made)
    (folder / "tokens.json").write_text(json.dumps({"tokens": len(made), **figures}, indent=2) + "\n")
    _say(f"{len(made)} tokens; {figures}")
    return figures


def measure_tokens(pieces: Sequence[Piece], vocabulary: Vocabulary, merged: ScoreTokenizer) -> dict[str, float]:
    """Tokens per bar and per piece, merged and as base tokens."""
    blocks = []
    for piece in pieces:
        encoded = encode(piece, vocabulary, merged)
        writer = BlockWriter(encoded.bars, encoded.form, vocabulary)
        blocks.append([*encoded.plan, *writer.block("Write", range(len(piece.bars)), range(len(piece.tracks)))])
    bars = sum(len(piece.bars) for piece in pieces)
    tokens = sum(map(len, blocks))
    base = sum(len(merged.expand(block)) for block in blocks)
    return {
        "tokens_per_bar": round(tokens / bars, 2),
        "tokens_per_piece": round(tokens / len(pieces), 1),
        "base_tokens_per_bar": round(base / bars, 2),
        "bars_per_piece": round(bars / len(pieces), 1),
    }


def _fresh_rows(piece: Piece, vocabulary: Vocabulary) -> Iterator[list[int]]:
    """What is not told as a repeat: merges are learned from what is written out."""
    told: dict[tuple[int, int], list[int]] = {}
    for number, track, _, row in rows_of(piece, vocabulary):
        told[number, track] = row
        if all(told.get((number - distance, track)) != row for distance in DISTANCES):
            yield row


def load_split(folder: Path, split: Split, vocabulary: Vocabulary, merged: ScoreTokenizer) -> list[Described]:
    """The pieces of a split, tokenised, with the embeddings of their descriptions."""
    rows = zip(records.load(folder, split), embeddings.load(folder, split), strict=True)
    return [described(record.piece, vector, vocabulary, merged) for record, vector in rows]


def train(
    data: Path,
    folder: Path,
    size: Size,
    limits: Limits,
    *,
    seed: int,
    threads: int,
    half: bool,
    start: Path | None = None,
) -> None:
    """Train a size on a corpus, or go on where the folder's last sitting stopped, and write the checkpoint.

    A training begins with the weights of the checkpoint `start`, if there is one, and speaks its tokens instead of the
    corpus's own; what the corpus knows of other genres and moods is then unknown. Raises ValueError for another size.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    known = None if start is None else _known(start, size)
    vocabulary, merged = _tokens(data) if known is None else (known.vocabulary, known.tokenizer)
    rows = Dataset(load_split(data, "train", vocabulary, merged), vocabulary, seed)
    validation = Dataset(load_split(data, "validation", vocabulary, merged), vocabulary, VALIDATION_SEED)
    model = ScoreTransformer(size.architecture, len(merged)) if known is None else known.model
    trainer = Trainer(model, replace(size.recipe, steps=limits.steps), rows, device=device, half=half)
    run = Run(folder, trainer, validation, limits)
    if not run.resume():
        facts = {"start": None if start is None else _identity(start), "seed": seed, "half": half}
        run.tell(_facts(data, size, limits, len(rows), model) | facts)
    with progress_bar(size.name, 1000) as bar:

        def watch(report: StepReport, smooth: float, progress: float) -> None:
            note = f"step {trainer.step}  loss {smooth:.3f}  rate {report.rate:.1e}"
            bar.update(bar.task_ids[0], completed=round(1000 * progress), note=note)

        losses = run.train(watch)
    run.finish(Checkpoint(model.to("cpu").eval(), vocabulary, merged))
    _say(f"step {trainer.step}: {', '.join(f'{task} {loss:.3f}' for task, loss in losses.items())}")


def _tokens(data: Path) -> tuple[Vocabulary, ScoreTokenizer]:
    return corpus.vocabulary_of(data), tokenizer.load(data)


def _known(start: Path, size: Size) -> Checkpoint:
    known = checkpoint.load(start)
    if known.model.shape != size.architecture:
        raise ValueError(f"{start} is no {size.name}: {known.model.shape}")
    return known


def _identity(start: Path) -> str:
    return hashlib.sha256((start / checkpoint.WEIGHTS).read_bytes()).hexdigest()


def _facts(data: Path, size: Size, limits: Limits, pieces: int, model: ScoreTransformer) -> dict[str, object]:
    return {
        "size": size.name,
        "architecture": asdict(size.architecture),
        "recipe": asdict(size.recipe),
        "limits": asdict(limits),
        "parameters": checkpoint.count_parameters(model),
        "pieces": pieces,
        "corpus": json.loads((data / corpus.FILE).read_text()),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "commit": _commit(),
    }


def _commit() -> str | None:
    """The revision of the code, where there is one."""
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
