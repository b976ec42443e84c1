"""A bulk edit over real HTTP, a real queue and a real worker, which dies in the middle of it."""

import random
from typing import Any

import pytest
from strawberry.relay.utils import from_base64

from adapters import mongo
from bootstrap.cli.client import CadenzaClient, success
from bootstrap.cli.home import Person
from domain.kit.ids import new_id
from domain.library.documents import TrackDocument
from tests.bench.library.shelves import Vocabulary, documents, tracks
from tests.conftest import RunningStack
from tests.faults.evidence import Database, open_database
from tests.faults.harm import kill
from tests.patience import eventually

pytestmark = pytest.mark.e2e

TRACKS = 1_500
VIEWER = "{ viewer { id } }"
START = """mutation($input: StartBulkEditInput!) { startBulkEdit(input: $input) {
  __typename ... on StartBulkEditSuccess { job { id trackCount } } ... on Problem { code message }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status problem { code }
  ... on BulkEditJob { trackCount changedCount unchangedCount failedCount }
} }"""


async def with_a_library(database: Database, client: CadenzaClient) -> str:
    """The id of the client's account, which has so many tracks now."""
    await mongo.prepare(database.client, database.name, [TrackDocument])
    _, owner_id = from_base64((await client.execute(VIEWER))["viewer"]["id"])
    chance = random.Random(7)
    for batch in documents(tracks(owner_id, TRACKS, Vocabulary(chance), chance)):
        await database["tracks"].insert_many(batch)
    return owner_id


async def test_a_bulk_edit_survives_its_worker_and_changes_each_track_once(
    api_url: str, running_stack: RunningStack
) -> None:
    client = CadenzaClient(api_url)
    await client.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada"))
    async with open_database(running_stack.endpoints) as database:
        # given a bulk edit of a whole library that has begun
        owner_id = await with_a_library(database, client)
        given = {"action": "SET_GENRE", "genre": "bulk", "filter": {}}
        job = success((await client.execute(START, {"input": given}))["startBulkEdit"])["job"]
        assert job["trackCount"] == TRACKS

        async def has_begun() -> bool:
            return await database["tracks"].count_documents({"owner_id": owner_id, "genre": "bulk"}) > 0

        await eventually(has_begun, within=60)
        # when its worker dies without warning
        kill(running_stack.stack, "worker")
        # then another one goes on, and each track has one change
        last: dict[str, Any] = {}
        async for event in client.progress(job["id"]):
            last = event
        assert (last["status"], last["problem"]) == ("SUCCEEDED", None)
        assert last["attempt"] > 1
        found = (await client.execute(JOB, {"id": job["id"]}))["job"]
        assert (found["changedCount"], found["unchangedCount"], found["failedCount"]) == (TRACKS, 0, 0)
        written = await database["tracks"].find({"owner_id": owner_id}, {"genre": 1, "revision": 1}).to_list()
        assert {(track["genre"], track["revision"]) for track in written} == {("bulk", 2)}
        await database["tracks"].delete_many({"owner_id": owner_id})
