"""One scene for all gates."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
import strawberry

from deploy.embedded import Endpoints
from graphql_api.core.transport.requests import MAX_BODY_BYTES
from tests.graphql.harness import POLICY, WIDE, Door, open_api
from tests.graphql.sweep.scene import Scene, set_scene
from tests.graphql.what_ran import tell
from tests.world import UNTHROTTLED, open_world


@pytest.fixture(scope="module")
async def scene(
    endpoints: Endpoints,
    tmp_path_factory: pytest.TempPathFactory,
    door: Door,
    schema: strawberry.Schema,
    request: pytest.FixtureRequest,
) -> AsyncGenerator[Scene, None]:
    folder = tmp_path_factory.mktemp("sweep")
    # documents that ask for everything come thousands of times
    sweeping = replace(POLICY, documents=WIDE, longest_cached=MAX_BODY_BYTES)
    async with (
        open_world(endpoints.mongo_url, folder, settings=UNTHROTTLED) as world,
        open_api(world, door, schema, policy=sweeping) as api,
    ):
        opened = await set_scene(api, schema)
        yield opened
        tell(
            request.config,
            f"sweep: {opened.asked.total()} requests at {len(opened.asked)} gates, by {len(opened.intruders)} callers, "
            f"for {len(opened.first.handles)} things of somebody else",
        )
