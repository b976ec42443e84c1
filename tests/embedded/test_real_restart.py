"""A stack of its own is stopped and started again, moved to other ports, and run as a command."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from deploy.embedded import Supervisor, read_running
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import choose_ports
from deploy.embedded.procfs import process_facts
from tests.embedded.conftest import MODELS


async def insert(url: str, value: str) -> list[str]:
    """Add one document and return all there are."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, serverSelectionTimeoutMS=10_000)
    await client.music.kept.insert_one({"_id": value})
    found = [document["_id"] async for document in client.music.kept.find().sort("_id")]
    await client.close()
    return found


async def test_mongod_can_move_to_another_port(tmp_path: Path) -> None:
    # Given a replica set that was initiated on one port
    ports = choose_ports(["first", "second"], {})
    for name, expected in (("first", ["first"]), ("second", ["first", "second"])):
        # When it is started, the second time on another port
        server = MongoServer(tmp_path / "data", ports[name])
        supervisor = Supervisor(tmp_path / "logs")
        try:
            await supervisor.start([server.spec()])

            # Then a driver finds the primary there, with the data of before
            assert await insert(server.url, name) == expected
        finally:
            await supervisor.stop()


async def start_command(root: Path) -> tuple[asyncio.subprocess.Process, dict[str, str]]:
    """`python -m deploy.embedded` until it has printed its endpoints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.embedded",
        f"--root={root}",
        f"--models={MODELS}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(8)]
    if "" in lines:
        _, told = await process.communicate()
        pytest.fail(f"the command ended with {process.returncode}: {told.decode()}")
    return process, dict(line.split("=", 1) for line in lines)


async def test_the_command_stops_on_ctrl_c_and_goes_on_where_it_was(tmp_path: Path) -> None:
    # Given a stack that was started by the command and holds a document
    process, first = await start_command(tmp_path)
    running = read_running(tmp_path)
    assert running is not None
    assert running.as_environment() == first
    assert await insert(first["CADENZA_MONGO_URL"], "one") == ["one"]
    pids = [record["pid"] for record in json.loads((tmp_path / "stack.json").read_text())["processes"]]

    # When it is interrupted
    process.send_signal(signal.SIGINT)
    _, told = await process.communicate()

    # Then it ends well, every child with it, and says so; nobody takes it for running
    assert process.returncode == 0
    assert b"Traceback" not in told
    assert len(pids) == 8
    assert [process_facts(pid) for pid in pids] == [None] * 8
    assert read_running(tmp_path) is None

    # When it is started again, then it has the same addresses and the same data
    process, second = await start_command(tmp_path)
    assert second == first
    assert await insert(second["CADENZA_MONGO_URL"], "two") == ["one", "two"]

    # When the supervisor is killed, then its servers end by themselves, the data safe for the next start
    pids = [record["pid"] for record in json.loads((tmp_path / "stack.json").read_text())["processes"]]
    os.kill(process.pid, signal.SIGKILL)
    await process.communicate()
    for _ in range(200):
        if all(process_facts(pid) is None for pid in pids):
            break
        await asyncio.sleep(0.1)
    assert [process_facts(pid) for pid in pids] == [None] * 8


async def test_the_command_tells_a_failure_in_one_sentence(tmp_path: Path) -> None:
    # Given a folder without models
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.embedded",
        f"--root={tmp_path / 'root'}",
        f"--models={tmp_path}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    # When the command runs
    printed, told = await process.communicate()

    # Then it fails with one line
    assert (process.returncode, printed) == (1, b"")
    assert told.decode() == f"{tmp_path} holds no model: reinstall Cadenza, or name another model folder.\n"
