"""Listening as a player does it, over real HTTP, a real Redis and a real worker, until the play shows in the API."""

import asyncio
from typing import Any

import httpx
import pytest

from bootstrap.cli.client import CadenzaClient
from bootstrap.cli.home import Person
from domain.kit.ids import new_id
from tests.patience import eventually

pytestmark = pytest.mark.e2e

# Half of it has to be heard.
SECONDS = 6.0
PLAYBACK = "query($id: ID!) { playback(trackId: $id) { reportUrl durationSeconds } }"
PLAYED = """
{ tracks { edges { node { playCount playsByDay(days: 1) { playCount } } } }
  playHistory { edges { node { heardSeconds track { id } } } } }
"""


@pytest.fixture
async def client(api_url: str) -> CadenzaClient:
    made = CadenzaClient(api_url)
    await made.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada"))
    return made


async def test_a_song_that_is_heard_is_counted_once(client: CadenzaClient) -> None:
    job = await client.generate({"prompt": "calm piano", "durationSeconds": SECONDS, "seed": 1})
    async for _ in client.progress(job["id"]):
        pass
    playing = (await client.execute(PLAYBACK, {"id": job["trackId"]}))["playback"]
    assert playing["durationSeconds"] == pytest.approx(SECONDS, abs=0.1)
    # when a player plays it, and repeats itself as players do after a time-out
    async with httpx.AsyncClient() as http:
        for second in range(5):
            event = ("start", "heartbeat", "heartbeat", "heartbeat", "complete")[second]
            for _ in range(2):
                report = {"event": event, "sequence": second, "positionSeconds": float(second)}
                assert (await http.post(playing["reportUrl"], json=report)).status_code == 204
            await asyncio.sleep(1.0)

    async def told() -> dict[str, Any]:
        return await client.execute(PLAYED, {})

    async def is_counted() -> bool:
        history = (await told())["playHistory"]["edges"]
        return bool(history) and history[0]["node"]["heardSeconds"] > 3.5

    await eventually(is_counted, within=10.0)
    shown = await told()
    (track,), (play,) = shown["tracks"]["edges"], shown["playHistory"]["edges"]
    assert track["node"] == {"playCount": 1, "playsByDay": [{"playCount": 1}]}
    assert play["node"]["track"] == {"id": job["trackId"]}
    assert play["node"]["heardSeconds"] == pytest.approx(4.0, abs=0.5)
