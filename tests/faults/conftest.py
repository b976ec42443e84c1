"""The session's stack with a second worker, and the seed of everything that happens by chance."""

import os
import random
import sys
from collections.abc import AsyncGenerator

import pytest

from tests.conftest import SEED, RunningStack
from tests.faults.evidence import Bucket, Database, open_bucket, open_database
from tests.faults.ground import Ground, second_worker


@pytest.fixture
def seed() -> int:
    """`CADENZA_TEST_SEED`, or another one each time; pytest shows it with a failure."""
    given = os.environ.get(SEED)
    chosen = int(given) if given else random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"{SEED}={chosen}\n")
    return chosen


@pytest.fixture(scope="session")
async def ground(running_stack: RunningStack, api_url: str) -> AsyncGenerator[Ground, None]:
    async with second_worker(running_stack.root, running_stack.stack, running_stack.endpoints, api_url) as ground:
        yield ground


@pytest.fixture
async def database(ground: Ground) -> AsyncGenerator[Database, None]:
    async with open_database(ground.endpoints) as database:
        yield database


@pytest.fixture
async def bucket(ground: Ground) -> AsyncGenerator[Bucket, None]:
    async with open_bucket(ground.endpoints) as bucket:
        yield bucket
