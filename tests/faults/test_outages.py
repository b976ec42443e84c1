"""Servers and workers die or freeze in the middle of a song. No accepted job is lost, nothing half-made is shown."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from strawberry import relay

from bootstrap.cli import documents
from bootstrap.cli.client import ApiProblem, CadenzaClient
from bootstrap.cli.home import Person
from domain.kit.ids import new_id
from tests.conftest import RunningStack
from tests.faults.harm import audit, frozen, kill, readiness, until_ready

WISH = {"prompt": "melancholic synthwave, 100 bpm", "durationSeconds": 45.0, "seed": 3}
PATIENCE_SECONDS = 90.0


@pytest.fixture
async def client(api_url: str) -> AsyncGenerator[CadenzaClient, None]:
    """A new person; the stack is whole again before the next test."""
    made = CadenzaClient(api_url)
    await made.sign_in_or_up(Person(f"{new_id()}@cadenza.example", "a good password", "Ada"))
    yield made
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until_ready(api_url)


async def until_playable(client: CadenzaClient, job: dict[str, Any]) -> None:
    async for event in client.progress(job["id"]):
        if event["isPlayable"]:
            return


async def to_the_end(client: CadenzaClient, job: dict[str, Any]) -> dict[str, Any]:
    """The last event of a job, whatever happens to connections on the way."""
    last: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for event in client.progress(job["id"]):
            last = event
    return last


def bare(job: dict[str, Any]) -> str:
    return relay.GlobalID.from_id(job["id"]).node_id


@pytest.mark.parametrize("victim", ["worker", "triton", "mongod", "redis", "swift-proxy"])
async def test_a_kill_in_the_middle_of_a_song_loses_nothing(
    client: CadenzaClient, running_stack: RunningStack, victim: str
) -> None:
    # given a song that has begun to play
    job = await client.generate(WISH)
    await until_playable(client, job)
    # when a process dies without warning
    kill(running_stack.stack, victim)
    # then the song is finished all the same, exactly once
    last = await to_the_end(client, job)
    assert (last["status"], last["problem"]) == ("SUCCEEDED", None)
    assert await audit(running_stack.endpoints, [bare(job)]) == []


@pytest.mark.parametrize("victim", ["redis", "swift-proxy", "worker"])
async def test_eight_seconds_of_silence_are_waited_out(
    client: CadenzaClient, running_stack: RunningStack, victim: str
) -> None:
    job = await client.generate(WISH)
    await until_playable(client, job)
    with frozen(running_stack.stack, victim):
        await asyncio.sleep(8)
    last = await to_the_end(client, job)
    assert last["status"] == "SUCCEEDED"
    assert await audit(running_stack.endpoints, [bare(job)]) == []


async def test_a_song_is_accepted_while_redis_is_away(client: CadenzaClient, running_stack: RunningStack) -> None:
    # given a Redis that does not answer
    with frozen(running_stack.stack, "redis"):
        # when a person asks for a song, then it is accepted
        job = await client.generate(WISH)
    # and made once Redis is back
    assert (await to_the_end(client, job))["status"] == "SUCCEEDED"
    assert await audit(running_stack.endpoints, [bare(job)]) == []


async def test_readiness_names_what_is_away_and_the_process_lives(
    client: CadenzaClient, running_stack: RunningStack, api_url: str
) -> None:
    with frozen(running_stack.stack, "redis"):
        state = await readiness(api_url)
    assert state["ready"] is False
    assert state["dependencies"]["redis"] != "ok"
    assert state["dependencies"]["mongo"] == "ok"


async def test_without_mongodb_the_answer_is_clear_and_quick(
    client: CadenzaClient, running_stack: RunningStack
) -> None:
    with frozen(running_stack.stack, "mongod"):
        started = time.monotonic()
        with pytest.raises(ApiProblem, match="MongoDB cannot be reached right now"):
            await client.generate(WISH)
        assert time.monotonic() - started < 30


async def test_cancel_stops_a_running_song_and_leaves_nothing(
    client: CadenzaClient, running_stack: RunningStack
) -> None:
    # given a long song that has begun to play
    job = await client.generate({**WISH, "durationSeconds": 300.0})
    await until_playable(client, job)
    # when its owner cancels it
    started = time.monotonic()
    await client.cancel(job["id"])
    last = await to_the_end(client, job)
    # then it ends within seconds, and cannot be played any more
    assert (last["status"], last["problem"]["code"]) == ("CANCELED", "CANCELED")
    assert time.monotonic() - started < 5
    playing = await client.execute(documents.PLAYBACK, {"trackId": job["trackId"]})
    assert playing["playback"] is None
    assert await audit(running_stack.endpoints, [bare(job)]) == []
    # and the engine is free for the next one
    assert (await to_the_end(client, await client.generate({**WISH, "durationSeconds": 5.0})))["status"] == "SUCCEEDED"
