"""The API with somebody in it who owns one of everything."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
import strawberry

from deploy.embedded import Endpoints
from tests.graphql.fuzz.ground import Ground, prepare
from tests.graphql.harness import POLICY, WIDE, Door, open_api
from tests.graphql.what_ran import tell
from tests.world import UNTHROTTLED, open_world


@pytest.fixture(scope="module")
async def ground(
    endpoints: Endpoints,
    tmp_path_factory: pytest.TempPathFactory,
    door: Door,
    schema: strawberry.Schema,
    request: pytest.FixtureRequest,
) -> AsyncGenerator[Ground, None]:
    folder = tmp_path_factory.mktemp("fuzz")
    policy = replace(POLICY, documents=WIDE, refusal_pause_seconds=0.0)
    async with (
        open_world(endpoints.mongo_url, folder, settings=UNTHROTTLED) as world,
        open_api(world, door, schema, policy=policy) as api,
    ):
        opened = await prepare(api, schema)
        yield opened
        for (caller, root), (fields, examples) in opened.ran.items():
            tell(request.config, f"fuzz: {root}, asked by {caller}: {fields} fields, {examples} examples")
        tell(request.config, f"fuzz: what became of them: {dict(opened.judge.outcomes)}")
