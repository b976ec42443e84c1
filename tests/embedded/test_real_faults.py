"""Real servers are killed or kept busy; the stack heals what is broken and leaves alone what only works."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from configparser import ConfigParser
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from deploy.embedded import StackError
from deploy.embedded.bucket import Bucket
from deploy.embedded.procfs import command_line, session_members
from deploy.embedded.triton_liveness import STUB_COMMAND
from tests.contracts.closed_port import closed_address
from tests.embedded.conftest import LiveStack
from tests.embedded.inference import affine, echo
from tests.embedded.tiny_processes import tiny, told
from tests.patience import eventually

# A probe that waits for its turn behind a busy model may outlast this many looks of the supervisor.
BUSY_SECONDS = 7


@asynccontextmanager
async def mongo_client(live: LiveStack) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(live.endpoints.mongo_url)
    try:
        yield client
    finally:
        await client.close()


def stub_of(live: LiveStack, model: str) -> int:
    """The process id of the stub that serves a model."""
    members = session_members(live.pid("triton"))
    lines = {member.pid: command_line(member.pid) for member in members}
    (stub,) = [
        pid for pid, line in lines.items() if line and STUB_COMMAND in line[0] and line[-2].startswith(f"{model}_")
    ]
    return stub


async def test_a_killed_mongod_comes_back_with_its_data(live: LiveStack) -> None:
    # Given a document that was acknowledged
    async with mongo_client(live) as client:
        await client.music.kept.insert_one({"_id": "before the crash"})
    restarts = live.status("mongod").restarts

    # When mongod is killed without warning
    os.kill(live.pid("mongod"), signal.SIGKILL)
    await eventually(lambda: live.is_ready_again("mongod", restarts), within=20)

    # Then the document is there at the same address, and more can be written
    async with mongo_client(live) as client:
        assert await client.music.kept.find_one() == {"_id": "before the crash"}
        await client.music.kept.insert_one({"_id": "after the crash"})


async def test_what_a_killed_program_had_changed_in_a_transaction_is_not_locked_for_long(live: LiveStack) -> None:
    # Given a transaction that nobody will ever end
    async with mongo_client(live) as client, mongo_client(live) as other:
        await client.music.locked.insert_one({"_id": "song", "owner": "ada"})
        session = client.start_session()
        await session.start_transaction()
        await client.music.locked.update_one({"_id": "song"}, {"$set": {"owner": "eve"}}, session=session)

        # When somebody else changes the same document
        async with asyncio.timeout(25):
            await other.music.locked.update_one({"_id": "song"}, {"$set": {"owner": "bob"}})

        # Then the change comes through, and the other one has never been
        assert await other.music.locked.find_one() == {"_id": "song", "owner": "bob"}
        await session.end_session()


async def test_a_killed_redis_comes_back_with_its_data(live: LiveStack) -> None:
    # Given a value that is older than the second within which Redis writes to disk
    async with Redis.from_url(live.endpoints.redis_url, decode_responses=True) as redis:
        await redis.set("kept", "yes")
    await asyncio.sleep(1.2)
    restarts = live.status("redis").restarts

    # When redis-server is killed without warning
    os.kill(live.pid("redis"), signal.SIGKILL)
    await eventually(lambda: live.is_ready_again("redis", restarts), within=20)

    # Then the value is there
    async with Redis.from_url(live.endpoints.redis_url, decode_responses=True) as redis:
        assert await redis.get("kept") == "yes"


async def test_a_killed_storage_server_does_not_stay_away(live: LiveStack) -> None:
    # Given the container server of Swift
    restarts = live.status("swift-container").restarts

    # When it is killed without warning
    os.kill(live.pid("swift-container"), signal.SIGKILL)
    await eventually(lambda: live.is_ready_again("swift-container", restarts), within=20)

    # Then the proxy asks it for the bucket again, and for a new one
    where = live.endpoints
    for name in (where.s3_bucket, "after-the-crash"):
        await Bucket(where.s3_endpoint, where.s3_region, where.s3_access_key, where.s3_secret_key, name).ensure()


async def test_an_object_that_listings_have_missed_is_listed_later(live: LiveStack, s3: Any) -> None:
    # Given an object whose entry into the listing failed, because the container server was away
    configuration = ConfigParser()
    configuration.read(live.root / "swift" / "conf" / "object.conf")
    entry = {"X-Container-Host": closed_address(), "X-Container-Partition": "0", "X-Container-Device": "d1"}
    headers = {"X-Timestamp": f"{time.time():.5f}", "Content-Type": "text/plain", **entry}
    place = f"/d1/0/AUTH_cadenza/{live.endpoints.s3_bucket}/missed/one"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{configuration['DEFAULT']['bind_port']}") as server:
        assert (await server.put(place, content=b"1", headers=headers)).status_code == 201

    # When a moment has passed
    async def is_listed() -> bool:
        found = await asyncio.to_thread(s3.list_objects_v2, Bucket=live.endpoints.s3_bucket, Prefix="missed/")
        return [item["Key"] for item in found.get("Contents", [])] == ["missed/one"]

    # Then listings have it
    assert not await is_listed()
    await eventually(is_listed, within=40)


async def test_a_killed_stub_is_replaced_with_its_server(live: LiveStack) -> None:
    # Given a Triton that answers
    url = live.endpoints.triton_url
    assert await echo(url, "before") == "BEFORE"
    restarts, started = live.status("triton").restarts, time.monotonic()

    # When one stub is killed; Triton itself goes on reporting the model as ready
    os.kill(stub_of(live, "echo"), signal.SIGKILL)
    await eventually(lambda: live.is_ready_again("triton", restarts), within=20)

    # Then both models answer again within twenty seconds, and nothing is left in shared memory but theirs
    assert await echo(url, "after") == "AFTER"
    assert (await affine(url, np.ones((1, 2), dtype=np.float32))).tolist() == [[3.0, 3.0]]
    assert time.monotonic() - started < 20
    assert len(shared_memory_of(live)) == 2
    reasons = [event.detail for event in live.events if event.name == "triton" and event.kind == "unhealthy"]
    assert reasons[-1].startswith("lost the stub process of ")


async def test_a_killed_triton_leaves_no_stub(live: LiveStack) -> None:
    # Given the stubs of a running server
    stubs = [stub_of(live, "echo"), stub_of(live, "affine")]
    restarts = live.status("triton").restarts

    # When the server is killed without a chance to end them
    os.kill(live.pid("triton"), signal.SIGKILL)
    await eventually(lambda: live.is_ready_again("triton", restarts), within=20)

    # Then they are gone, and so is their shared memory
    assert [command_line(stub) for stub in stubs] == [[], []]
    assert len(shared_memory_of(live)) == 2


@pytest.mark.parametrize("what", ["work", "sleep"])
async def test_a_busy_model_is_left_alone(live: LiveStack, what: str) -> None:
    # Given a request that keeps the model from answering anything else
    restarts = live.status("triton").restarts

    # When it takes longer than a probe waits
    reply = await echo(live.endpoints.triton_url, f"{what} {BUSY_SECONDS}")

    # Then it is answered by the very server that took it
    assert reply == f"{what.upper()} {BUSY_SECONDS}"
    assert live.status("triton").restarts == restarts


async def test_processes_can_be_added_to_the_stack(live: LiveStack, tmp_path: Path) -> None:
    # Given a running stack
    before = len(live.events)

    # When a worker is added and one that cannot start
    await live.stack.add(tiny(tmp_path, "worker"))
    with pytest.raises(StackError, match=r"^lame ended while starting \(exit status 3\)"):
        await live.stack.add(tiny(tmp_path, "lame", "sys.exit(3)"))

    # Then the worker runs beside the servers
    assert told(live.events[before:], "ready") == ["worker"]
    assert {"worker", "mongod", "triton"} <= {status.name for status in live.stack.status()}


def shared_memory_of(live: LiveStack) -> list[Path]:
    """The regions that Triton's server of this stack has mapped or left behind."""
    options = command_line(live.pid("triton"))
    (prefix,) = [option.partition("shm-region-prefix-name=")[2] for option in options if "shm-region-" in option]
    return list(Path("/dev/shm").glob(f"{prefix}*"))
