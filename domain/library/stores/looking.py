"""Looking at the beginning of an index before a list is asked for: which of its conditions the fewest tracks fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.library.documents import TrackDocument

# What fewer tracks fit is rare: all of them are looked at. What is common is met soon along the order of a list.
RARE = 6_000
# Among so few there is no need to look for fewer.
FEW = 500


@dataclass(frozen=True)
class Narrowing:
    """A part of an index in which all lie that fit a condition: the index, what to ask it, and how many if known."""

    index: str
    query: dict[str, Any]
    known: int | None = None


async def rarest(owner_id: str, narrowings: Iterable[Narrowing], common: int = RARE) -> Narrowing | None:
    """The one with the fewest tracks, those of the trash included; None when all have as many as is `common`.

    Each look is one query in an index alone, and goes no further than to where another one is rarer.
    """
    found, most = None, common
    for each in narrowings:
        if (count := await tracks_in(owner_id, each, most)) < most:
            found, most = each, count
        if most < FEW:
            break
    return found


async def tracks_in(owner_id: str, narrowing: Narrowing, most: int = RARE) -> int:
    """How many tracks of an owner lie in it, at most so many."""
    if narrowing.known is not None:
        return narrowing.known
    steps: list[dict[str, Any]] = [
        {"$match": {"owner_id": owner_id, **narrowing.query}},
        {"$limit": most},
        {"$count": "tracks"},
    ]
    cursor = await TrackDocument.get_pymongo_collection().aggregate(steps, hint=narrowing.index)
    counted = await cursor.to_list()
    return int(counted[0]["tracks"]) if counted else 0
