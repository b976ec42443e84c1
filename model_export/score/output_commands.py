"""What `evaluate`, `sample` and `build` do: a table of numbers, a song as cadenza.score/1, and Triton's files."""

import sys
from pathlib import Path
from typing import Final

import torch
from rich.console import Console

from model_export.profiles import ProfileNotServedError
from model_export.score import checkpoint
from model_export.score.commands import progress_bar
from model_export.score.embeddings import Encoder
from model_export.score.evaluation import run
from model_export.score.evaluation.report import table
from model_export.score.evaluation.run import Extent, Judged
from model_export.score.export import repository
from model_export.score.export.build import Settings
from model_export.score.export.checkpoint import CheckpointInvalidError
from model_export.score.export.repository import RepositoryTooLargeError, serving_of
from model_export.score.generation import Generator, Request
from model_export.stages import ParityLostError
from triton_models.score.document import to_json
from triton_models.score_language import documents
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.language import LanguageInvalidError
from triton_models.score_writer.windows import Taste

ROOT: Final = Path(__file__).resolve().parents[2]
CHECKPOINT: Final = ROOT / "model_export" / "score" / "checkpoints" / "tiny"
SERVED: Final = ROOT / "triton_models" / "score_tiny"
_REFUSALS: Final = (
    CheckpointInvalidError,
    FileNotFoundError,
    LanguageInvalidError,
    ParityLostError,
    ProfileNotServedError,
    RepositoryTooLargeError,
)


def evaluate(model: Judged, data: Path, extent: Extent, taste: Taste, *, threads: int, out: Path | None = None) -> None:
    """Print the table of a checkpoint; the numbers go to `evaluation.json` in its folder, or to `out`."""
    torch.set_num_threads(threads)
    with progress_bar("writing", extent.briefs) as bar:
        rows = run.evaluate(model, data, extent, taste, lambda done: bar.advance(bar.task_ids[0], done))
    run.save(out or model.checkpoint / "evaluation.json", rows, extent, taste)
    Console().print(table(rows))


def sample(model: Path, request: Request, bars: int, out: Path, *, threads: int) -> None:
    """Write a song of the model as a score document; its plan keeps the wishes."""
    torch.set_num_threads(threads)
    piece = Generator(checkpoint.load(model)).compose(request, bars)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(to_json(documents.write(piece, request.text[:200] or "Untitled", request.seed)) + "\n")
    tracks = ", ".join(f"{track.role} {track.program}" for track in piece.tracks)
    sys.stdout.write(f"{out}: {len(piece.bars)} bars of {piece.meter} at {piece.bpm:g} bpm, {tracks}\n")


def request_of(text: str, genre: str | None, bpm: float | None, taste: Taste, seed: int) -> Request:
    """Wishes from the command line, with the embedding of the words if there are any."""
    wishes = Wishes(genre=genre, bpm=bpm, text=bool(text))
    return Request(wishes, Encoder().embed([text])[0] if text else None, text, taste, seed)


def build(model: Path, folder: Path, profile: str) -> int:
    """Make Triton's files; 0 when they are there, 1 with one sentence on what is wrong."""
    # The reference is small: where others work too, a second thread only waits for the first.
    torch.set_num_threads(1)
    try:
        size = repository.write_repository(model, folder, serving_of(profile), Settings(profile=profile))
    except _REFUSALS as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{folder}: {size} bytes\n")
    return 0
