"""`make bench-likes`: thousands like one track, beside a counter that every like increments. Judges nothing.

A mongod of its own runs in a temporary folder; speeds are likes a second by the clock.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.likes.services.count import LikeCounting
from domain.likes.store import LikeStore
from tests.bench.ledger import own_mongod
from tests.library.factories import add_track
from tests.world import World, open_world

LIKES, AT_ONCE = 10_000, 32


async def rate_of(one: Callable[[], Awaitable[object]], count: int) -> float:
    """Calls a second."""
    left = iter(range(count))

    async def hands() -> None:
        for _ in left:
            await one()

    began = time.perf_counter()
    await asyncio.gather(*(hands() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - began)


async def measure(world: World) -> Table:
    store, counting = LikeStore(), world.get(LikeCounting)
    track = await add_track(world, await world.person())
    liking = await rate_of(lambda: store.like(new_id(), track, world.clock.now()), LIKES)
    began = time.perf_counter()
    counted = await counting.sweep()
    seconds = time.perf_counter() - began
    assert (await store.likes_of(None, [track.id]))[track.id].count == counted == LIKES
    peers = world.client[world.database]["peers"]

    async def usual() -> None:
        async def work(session: Session) -> None:
            await peers.insert_one({"_id": new_id()}, session=session)
            await peers.update_one({"_id": "count"}, {"$inc": {"likes": 1}}, upsert=True, session=session)

        await world.kit.transactions.run(work)

    beside = await rate_of(usual, LIKES // 20)
    table = Table("what", "a second")
    table.add_row(f"{LIKES:,} likes of one track, by {AT_ONCE} at once", f"{liking:,.0f}")
    table.add_row("the same, counted afterwards", f"{counted / seconds:,.0f}")
    table.add_row(f"a like and the track's counter in one transaction ({LIKES // 20} likes)", f"{beside:,.0f}")
    return table


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        async with own_mongod(Path(folder)) as (_, url), open_world(url, Path(folder)) as world:
            Console(file=sys.stdout).print(await measure(world))


if __name__ == "__main__":
    asyncio.run(main())
