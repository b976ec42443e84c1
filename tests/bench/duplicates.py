"""`python -m tests.bench.duplicates [RECORDINGS]`: how long it takes to tell a track's duplicates in a large library.

Half of the recordings are one person's. Their keys are drawn from those of some pieces of made-up harmony, because
making each one up takes longer than anybody waits. Judges nothing.
"""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import numpy as np
from pymongo import AsyncMongoClient
from rich.console import Console
from rich.table import Table

from domain.kit.audio.fingerprints import compressed
from domain.kit.caller import Scope
from domain.kit.ids import new_id
from domain.recognition.matching import KEYS, keys_of
from domain.recognition.services.recognise import Recognition
from tests.bench.recognition import BATCH, OWNERS, SECONDS, look_up, made_up, main, recorded
from tests.world import World

PIECES, ROUNDS, LOOKS, PAGE = 600, 200, 60, 50
# One in so many has a duplicate.
ALIKE = 10

Ask = Callable[[], Awaitable[object]]


async def fill(world: World, url: str, count: int, owner_id: str, chance: np.random.Generator) -> Sequence[str]:
    """Recordings before their index, and likenesses; the owner's tracks."""
    pieces = [made_up(chance) for _ in range(PIECES)]
    pool, text = np.concatenate([keys_of(piece) for piece in pieces]), compressed(pieces[0])
    owners, tracks = [new_id() for _ in range(OWNERS)], [new_id() for _ in range(count)]
    async with AsyncMongoClient[dict[str, Any]](url) as client:
        recordings = client[world.database]["recordings"]
        await recordings.drop_index("keys")
        for start in range(0, count, BATCH):
            batch = [
                {
                    "_id": new_id(),
                    "track_id": tracks[number],
                    "owner_id": owners[number % OWNERS] if number % 2 else owner_id,
                    "duration_seconds": SECONDS,
                    "fingerprint": text,
                    "keys": chance.choice(pool, KEYS).tolist(),
                    "original_sha256": None,
                }
                for number in range(start, min(start + BATCH, count))
            ]
            await recordings.insert_many(batch, ordered=False)
        await recordings.create_index([("keys", 1), ("owner_id", 1)], name="keys")
        own = tracks[::2]
        pairs = zip(own[::ALIKE], own[1::ALIKE], strict=False)
        await client[world.database]["likenesses"].insert_many([likeness(owner_id, *pair) for pair in pairs])
    return own


def likeness(owner_id: str, newer: str, older: str) -> dict[str, Any]:
    return {
        "_id": new_id(),
        "version_id": new_id(),
        "track_id": newer,
        "owner_id": owner_id,
        "other_version_id": new_id(),
        "other_track_id": older,
        "other_owner_id": owner_id,
        "is_same_file": False,
        "similarity": 0.9,
        "offset_seconds": 0.0,
        "overlap_seconds": SECONDS,
    }


async def timed(rounds: int, ask: Ask) -> Sequence[float]:
    """Milliseconds."""
    spent = []
    for _ in range(rounds):
        started = time.monotonic()
        await ask()
        spent.append(1_000 * (time.monotonic() - started))
    return sorted(spent)


async def measure(world: World, url: str, count: int, console: Console) -> None:
    chance, ada = np.random.default_rng(7), await world.person()
    owner_id = ada.require(Scope.LIBRARY)
    own = await fill(world, url, count, owner_id, chance)
    recognition = world.get(Recognition)

    async def told(tracks: int) -> object:
        start = int(chance.integers(len(own) - tracks))
        return await recognition.duplicates(ada, own[start : start + tracks])

    async def looked() -> object:
        return await look_up(world, recorded(made_up(chance), owner_id))

    table = Table(f"among {count:,} recordings", "median ms", "p95 ms", "slowest ms")
    for name, rounds, ask in (
        ("duplicates of one track", ROUNDS, lambda: told(1)),
        (f"duplicates of {PAGE} tracks", ROUNDS, lambda: told(PAGE)),
        ("looking up one that is not there", LOOKS, looked),
    ):
        spent = await timed(rounds, ask)
        places = statistics.median(spent), spent[round(0.95 * len(spent)) - 1], spent[-1]
        table.add_row(name, *(f"{each:.1f}" for each in places))
    console.print(table)


if __name__ == "__main__":
    main(measure)
