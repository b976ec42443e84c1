"""The API around a test's world, at an address of its own for who follows redirects."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import strawberry

from deploy.embedded import Endpoints
from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema
from tests.graphql.harness import Api, Door, open_api
from tests.world import open_world

__all__ = ["api", "commands", "door", "edge", "one_edge", "reachable", "schema"]


@pytest.fixture
async def reachable(
    endpoints: Endpoints, tmp_path: Path, door: Door, schema: strawberry.Schema
) -> AsyncGenerator[Api, None]:
    """An API whose addresses lead to itself over a real port."""
    settings = {"CADENZA_API_PUBLIC_URL": door.base_url}
    async with (
        open_world(endpoints.mongo_url, tmp_path, settings=settings) as world,
        open_api(world, door, schema) as opened,
    ):
        yield opened
