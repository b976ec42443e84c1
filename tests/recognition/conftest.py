"""A world whose encoders and fingerprints are real, and the API around it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.media.studio import FfmpegStudio
from deploy.embedded import Endpoints
from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema
from tests.world import World, open_world

__all__ = ["api", "commands", "door", "edge", "one_edge", "schema"]


@pytest.fixture
async def world(endpoints: Endpoints, tmp_path: Path) -> AsyncGenerator[World, None]:
    async with open_world(endpoints.mongo_url, tmp_path, FfmpegStudio()) as opened:
        yield opened
