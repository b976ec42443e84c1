"""Where pieces come from: composed ones by seed, files that the composer wrote, and folders of MIDI files."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_export.score import midi_files
from model_export.score.records import Record
from triton_models.score.document import from_row
from triton_models.score_language import documents
from triton_models.score_language.documents import Unusable

_SEEDS_AT_ONCE: Final = 250


@dataclass(frozen=True, slots=True)
class Refused:
    """A source that gives no piece, and why."""

    source: str
    reason: str


Found = Record | Refused


def compose(seeds: range, folder: Path, processes: int, progress: Callable[[int], None]) -> None:
    """Have the composer write the seeds that are not in the folder yet; `progress` hears how many were done.

    The composer is another program, which is only called; raises CalledProcessError when it fails.
    """
    starts = range(seeds.start, seeds.stop, _SEEDS_AT_ONCE)
    blocks = [range(start, min(start + _SEEDS_AT_ONCE, seeds.stop)) for start in starts]
    with ThreadPoolExecutor(processes) as pool:
        for done in pool.map(lambda block: _compose(block, folder), blocks):
            progress(done)


def _compose(block: range, folder: Path) -> int:
    if not (folder / f"pieces-{block.start:08d}-{block.stop:08d}.jsonl.gz").exists():
        command = [sys.executable, "-m", "triton_models.composer", "--seeds", f"{block.start}:{block.stop}"]
        subprocess.run([*command, "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return len(block)


def composed(folder: Path) -> Iterator[Found]:
    """Pieces of all files that the composer wrote, in the order of their seeds."""
    for path in sorted(folder.glob("pieces-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                source = f"seed {row['brief']['seed']}"
                try:
                    yield Record(source, row["brief"], documents.read(from_row(row["score"]), row["prompt"]))
                except Unusable as reason:
                    yield Refused(source, str(reason))


def from_midi(folder: Path, *, drums_alone: bool) -> Iterator[Found]:
    """Pieces of all MIDI files under a folder, by path."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in midi_files.SUFFIXES):
        source = f"midi {path.relative_to(folder).as_posix()}"
        try:
            yield Record(source, None, midi_files.read(path, drums_alone=drums_alone))
        except Unusable as reason:
            yield Refused(source, str(reason))
