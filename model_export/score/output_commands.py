"""What `evaluate` and `sample` do: a table of numbers, and a song as cadenza.score/1."""

import json
import sys
from pathlib import Path

import torch
from rich.console import Console

from model_export.score import checkpoint, documents
from model_export.score.commands import progress_bar
from model_export.score.conditioning import Wishes
from model_export.score.embeddings import Encoder
from model_export.score.evaluation import run
from model_export.score.evaluation.report import table
from model_export.score.evaluation.run import Extent
from model_export.score.generation import Generator, Request
from model_export.score.sampling import Sampling


def evaluate(
    model: Path, data: Path, extent: Extent, sampling: Sampling, *, threads: int, out: Path | None = None
) -> None:
    """Print the table of a checkpoint; the numbers go to `evaluation.json` in its folder, or to `out`."""
    torch.set_num_threads(threads)
    with progress_bar("writing", extent.briefs) as bar:
        rows = run.evaluate(model, data, extent, sampling, lambda done: bar.advance(bar.task_ids[0], done))
    run.save(out or model / "evaluation.json", rows, extent, sampling)
    Console().print(table(rows))


def sample(model: Path, request: Request, bars: int, out: Path, *, threads: int) -> None:
    """Write a song of the model as a score document; its plan keeps the wishes."""
    torch.set_num_threads(threads)
    piece = Generator(checkpoint.load(model)).compose(request, bars)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(documents.write(piece, request.text[:200] or "Untitled", request.seed)) + "\n")
    tracks = ", ".join(f"{track.role} {track.program}" for track in piece.tracks)
    sys.stdout.write(f"{out}: {len(piece.bars)} bars of {piece.meter} at {piece.bpm:g} bpm, {tracks}\n")


def request_of(text: str, genre: str | None, bpm: float | None, sampling: Sampling, seed: int) -> Request:
    """Wishes from the command line, with the embedding of the words if there are any."""
    wishes = Wishes(genre=genre, bpm=bpm, text=bool(text))
    return Request(wishes, Encoder().embed([text])[0] if text else None, text, sampling, seed)
