"""What a corpus holds for each piece, and its files: gzipped JSON lines, one file for each split."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from triton_models.score_language.music import Bar, Chord, Meter, Note, Part, Piece, Section, Track

Split = Literal["train", "validation", "test"]
SPLITS: Final[tuple[Split, ...]] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Record:
    """A piece, where it comes from (`seed 17`, `midi a/b.mid`), and the cadenza.brief/1 that asked for it, or None."""

    source: str
    brief: dict[str, Any] | None
    piece: Piece


def digest(piece: Piece) -> str:
    """SHA-256 of what is heard: meter and notes on the grid, without key, tempo, names and loudness."""
    heard = [
        [[[note.position, note.pitch, note.duration] for note in part.notes] if part else None for part in bar.parts]
        for bar in piece.bars
    ]
    tracks = [[track.program, track.is_drum] for track in piece.tracks]
    return hashlib.sha256(json.dumps([str(piece.meter), tracks, heard]).encode()).hexdigest()


def file_of(folder: Path, split: Split) -> Path:
    """Where a split lies."""
    return folder / f"{split}.jsonl.gz"


@contextmanager
def writer(path: Path) -> Iterator[Callable[[Record], None]]:
    """Takes records one by one; equal records give equal bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=3, fileobj=raw, mtime=0) as packed:

        def add(record: Record) -> None:
            packed.write(json.dumps(_document(record), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

        yield add


def load(folder: Path, split: Split) -> Iterator[Record]:
    """The records of a split in their order; raises FileNotFoundError."""
    with gzip.open(file_of(folder, split), "rt", encoding="utf-8") as lines:
        for line in lines:
            yield _record(json.loads(line))


def _document(record: Record) -> dict[str, Any]:
    piece = record.piece
    return {
        "source": record.source,
        "brief": record.brief,
        "genre": piece.genre,
        "mood": piece.mood,
        "text": piece.text,
        "qpm": piece.qpm,
        "tonic": piece.tonic,
        "mode": piece.mode,
        "meter": piece.meter,
        "tracks": [[track.role, track.program, track.is_drum] for track in piece.tracks],
        "sections": piece.sections,
        "bars": [
            [bar.chords, [None if part is None else [part.level, part.notes] for part in bar.parts]]
            for bar in piece.bars
        ],
    }


def _record(row: dict[str, Any]) -> Record:
    piece = Piece(
        genre=row["genre"],
        mood=row["mood"],
        text=row["text"],
        qpm=row["qpm"],
        tonic=row["tonic"],
        mode=row["mode"],
        meter=Meter(*row["meter"]),
        tracks=tuple(Track(*track) for track in row["tracks"]),
        sections=tuple(Section(*section) for section in row["sections"]),
        bars=tuple(_bar(chords, parts) for chords, parts in row["bars"]),
    )
    return Record(row["source"], row["brief"], piece)


def _bar(chords: list[list[Any]], parts: list[list[Any] | None]) -> Bar:
    return Bar(
        tuple(Chord(*chord) for chord in chords),
        tuple(None if part is None else Part(part[0], tuple(Note(*note) for note in part[1])) for part in parts),
    )
