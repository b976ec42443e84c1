"""What lies in the trash, for how long, and in which order. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.kit.keyset import KeyKind, Order, Place
from domain.library.model import Track

LATEST_FIRST = Order("TRASHED_AT_DESC", KeyKind.MOMENT, is_descending=True)


@dataclass(frozen=True)
class TrashedTrack:
    """`deleted_at` is when it will be deleted for good, unless it is restored before."""

    track: Track
    trashed_at: datetime
    deleted_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.trashed_at, self.track.id)


def outermost(folders: Iterable[str]) -> list[str]:
    """The folders that lie in none of the others, each once."""
    found: list[str] = []
    for folder in sorted(set(folders), key=len):
        if folder not in found:
            found += strangers([folder], found)
    return found


def strangers(keys: Iterable[str], folders: Collection[str]) -> list[str]:
    """The keys that lie in none of these folders."""
    return [key for key in keys if not any(key.startswith(f"{folder}/") for folder in folders)]
