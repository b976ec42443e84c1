"""Fixtures of all tests that talk to the API; the areas' `conftest.py` files import them from here."""

from collections.abc import AsyncGenerator

import pytest
import strawberry
from pymongo import monitoring

from bootstrap.schema import build
from deploy.embedded import Endpoints
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Door, open_api, open_door
from tests.world import World, open_world


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    return build()


@pytest.fixture(scope="session")
async def door() -> AsyncGenerator[Door, None]:
    async with open_door() as opened:
        yield opened


@pytest.fixture(scope="session")
def commands() -> CommandLog:
    """Session-wide, because pymongo tells only clients that are made after a listener was registered."""
    log = CommandLog()
    monitoring.register(log)
    return log


@pytest.fixture(scope="session")
async def one_edge(
    endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory, door: Door, schema: strawberry.Schema
) -> AsyncGenerator[Api, None]:
    async with (
        open_world(endpoints.mongo_url, tmp_path_factory.mktemp("edge")) as world,
        open_api(world, door, schema) as opened,
    ):
        yield opened


@pytest.fixture
async def edge(one_edge: Api, door: Door) -> AsyncGenerator[Api, None]:
    """One application for all tests of requests that reach no document, which saves making a database for each."""
    door.inside = one_edge.app
    yield one_edge
    assert set(map(len, (await one_edge.contents()).values())) <= {0}


@pytest.fixture
async def api(commands: CommandLog, world: World, door: Door, schema: strawberry.Schema) -> AsyncGenerator[Api, None]:
    async with open_api(world, door, schema) as opened:
        yield opened
