"""One embedded stack per run, with ports and data of its own; everything else is built on top per test."""

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.cli.home import Home
from bootstrap.cli.stack import start_programs
from deploy.embedded import EmbeddedStack, Endpoints, StackConfig
from tests.world import World, open_world

SEED = "CADENZA_TEST_SEED"


@dataclass(frozen=True)
class RunningStack:
    root: Path
    stack: EmbeddedStack
    endpoints: Endpoints


@pytest.fixture(scope="session")
async def running_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[RunningStack, None]:
    """MongoDB, Redis, S3 and Triton, started once."""
    root = tmp_path_factory.mktemp("stack") / "home"
    stack = EmbeddedStack(StackConfig(root=root))
    endpoints = await stack.start()
    try:
        yield RunningStack(root, stack, endpoints)
    finally:
        await stack.stop()


@pytest.fixture(scope="session")
async def endpoints(running_stack: RunningStack) -> Endpoints:
    return running_stack.endpoints


@pytest.fixture(scope="session")
async def api_url(running_stack: RunningStack) -> str:
    """The API and a worker as programs of their own, on top of the stack; leases are short to keep tests short."""
    os.environ.update(
        CADENZA_JOB_LEASE_SECONDS="5", CADENZA_JOB_HEARTBEAT_SECONDS="1", CADENZA_WORKER_SWEEP_SECONDS="1"
    )
    programs = await start_programs(running_stack.stack, running_stack.endpoints, Home(running_stack.root))
    return programs.api_url


@pytest.fixture
async def world(endpoints: Endpoints, tmp_path: Path) -> AsyncGenerator[World, None]:
    """All services on a fresh database; queue, events, storage, models and encoders are twins."""
    async with open_world(endpoints.mongo_url, tmp_path) as opened:
        yield opened


def pytest_configure() -> None:
    """Settings of the developer's shell must not leak into the tests."""
    for name in [name for name in os.environ if name.startswith("CADENZA_") and name != SEED]:
        del os.environ[name]
