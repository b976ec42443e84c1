"""`make bench-bulk`: 10,000 tracks tagged by one bulk edit, beside one mutation a track. Judges nothing.

A mongod of its own runs in a temporary folder; all else is twins in one process. Speeds are by the clock.
"""

import asyncio
import itertools
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table
from strawberry.relay.utils import to_base64

from bootstrap.schema import build
from domain.bulk.model import BulkAction, BulkChange, NewBulkEdit
from domain.bulk.services.start import BulkEditStart
from domain.kit.caller import UNKNOWN_CLIENT
from domain.library.listing import ALL_TRACKS
from tests.bench.ledger import own_mongod
from tests.bench.library.shelves import Vocabulary, documents, tracks
from tests.graphql.harness import Api, Person, open_api, open_door
from tests.world import open_world

TRACKS, ONE_BY_ONE = 10_000, 500
UPDATE = """mutation($input: UpdateTrackInput!) { updateTrack(input: $input) {
  __typename ... on UpdateTrackSuccess { track { revision } }
} }"""


async def in_bulk(api: Api, person: Person) -> float:
    """Tracks a second, from the call to the end of the job."""
    change = BulkChange(BulkAction.ADD_TAGS, tags=("bench",))
    began = time.perf_counter()
    await api.world.get(BulkEditStart).start(person.caller, UNKNOWN_CLIENT, NewBulkEdit(change, wanted=ALL_TRACKS))
    await api.world.work_off()
    taken = time.perf_counter() - began
    (edit,) = await api.world.documents("bulk_edits")
    assert edit["changed"] == TRACKS
    return TRACKS / taken


async def one_by_one(api: Api, person: Person) -> float:
    """Tracks a second, by a client that sends one mutation after the other."""
    found = api.world.client[api.world.database]["tracks"].find().sort("_id").limit(ONE_BY_ONE)
    chosen = await found.to_list()
    began = time.perf_counter()
    for track in chosen:
        given = {"trackId": to_base64("Track", track["_id"]), "expectedRevision": track["revision"]}
        answer = await person.client.data(UPDATE, input={**given, "tags": [*track["tags"], "single"][-20:]})
        assert answer["updateTrack"]["__typename"] == "UpdateTrackSuccess"
    return len(chosen) / (time.perf_counter() - began)


async def measure(api: Api) -> Table:
    person = await api.person()
    chance = random.Random(7)
    shelf = tracks(person.caller.require(), TRACKS, Vocabulary(chance), chance)
    for batch in documents(itertools.islice(shelf, TRACKS)):
        await api.world.client[api.world.database]["tracks"].insert_many(batch)
    single, bulk = await one_by_one(api, person), await in_bulk(api, person)
    table = Table("what", "tracks a second")
    table.add_row(f"{TRACKS:,} tracks tagged by one bulk edit", f"{bulk:,.0f}")
    table.add_row(f"one mutation a track, one after the other ({ONE_BY_ONE} tracks)", f"{single:,.0f}")
    table.add_row("ratio", f"{bulk / single:.1f}")
    return table


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            own_mongod(Path(folder)) as (_, url),
            open_world(url, Path(folder)) as world,
            open_door() as door,
            open_api(world, door, build()) as api,
        ):
            Console(file=sys.stdout).print(await measure(api))


if __name__ == "__main__":
    asyncio.run(main())
