"""Building a corpus: steadied pieces without duplicates, split once and for all by where they come from."""

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from model_export.score import records
from model_export.score.records import SPLITS, Record, Split
from model_export.score.sources import Found, Refused
from model_export.score.steadying import steady
from triton_models.score_language.music import Piece
from triton_models.score_language.vocabulary import Vocabulary

FILE: Final = "corpus.json"
_SHARE: Final = 50  # one piece in so many is for validation, and one for the test
_MOST_MOODS: Final = 64
_MOST_GENRES: Final = 96


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the sources; `refused` counts by reason."""

    pieces: dict[Split, int]
    bars: dict[Split, int]
    duplicates: int
    refused: dict[str, int]
    genres: tuple[str, ...]
    moods: tuple[str, ...]


def split_of(source: str) -> Split:
    """By the source's name alone, so that a larger corpus never moves a piece into another split."""
    place = crc32(source.encode()) % _SHARE
    return "test" if place == 0 else "validation" if place == 1 else "train"


def build(found: Iterable[Found], folder: Path) -> Summary:
    """Write the splits and `corpus.json`, a piece at a time. Of equal pieces the first one stays."""
    folder.mkdir(parents=True, exist_ok=True)
    tally = _Tally()
    with ExitStack() as files:
        add = {split: files.enter_context(records.writer(records.file_of(folder, split))) for split in SPLITS}
        for entry in found:
            if isinstance(entry, Refused):
                tally.refused[_kind_of(entry.reason)] += 1
                continue
            record = Record(entry.source, entry.brief, steady(entry.piece))
            split = split_of(entry.source)
            if tally.takes(record.piece, split):
                add[split](record)
    summary = tally.summary()
    (folder / FILE).write_text(json.dumps(_document(summary), indent=2, ensure_ascii=False) + "\n")
    return summary


@dataclass
class _Tally:
    """Counts what is kept and what is not."""

    seen: set[str] = field(default_factory=set)
    duplicates: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    pieces: Counter[Split] = field(default_factory=Counter)
    bars: Counter[Split] = field(default_factory=Counter)
    genres: Counter[str] = field(default_factory=Counter)
    moods: Counter[str] = field(default_factory=Counter)

    def takes(self, piece: Piece, split: Split) -> bool:
        """False for a piece that is there already."""
        digest = records.digest(piece)
        if digest in self.seen:
            self.duplicates += 1
            return False
        self.seen.add(digest)
        self.pieces[split] += 1
        self.bars[split] += len(piece.bars)
        self.genres.update(filter(None, [piece.genre]))
        self.moods.update(filter(None, [piece.mood]))
        return True

    def summary(self) -> Summary:
        return Summary(
            pieces={split: self.pieces[split] for split in SPLITS},
            bars={split: self.bars[split] for split in SPLITS},
            duplicates=self.duplicates,
            refused=dict(sorted(self.refused.items())),
            genres=_commonest(self.genres, _MOST_GENRES),
            moods=_commonest(self.moods, _MOST_MOODS),
        )


def vocabulary_of(folder: Path) -> Vocabulary:
    """The base tokens that this corpus needs; raises FileNotFoundError."""
    row = json.loads((folder / FILE).read_text())
    return Vocabulary(tuple(row["genres"]), tuple(row["moods"]))


def _kind_of(reason: str) -> str:
    """The reason without the numbers and names of the one case."""
    return reason.partition(":")[0] if ":" in reason else " ".join(word for word in reason.split() if word.isalpha())


def _commonest(words: Counter[str], most: int) -> tuple[str, ...]:
    return tuple(sorted(word for word, _ in words.most_common(most)))


def _document(summary: Summary) -> dict[str, Any]:
    return {
        "schema": "cadenza.corpus/1",
        "pieces": summary.pieces,
        "bars": summary.bars,
        "duplicates": summary.duplicates,
        "refused": summary.refused,
        "genres": summary.genres,
        "moods": summary.moods,
    }
