"""Credits on a database of their own, and the API around a test's world."""

from collections.abc import AsyncGenerator

import pytest

from deploy.embedded import Endpoints
from tests.credits.books import Books, open_books
from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema

__all__ = ["api", "books", "commands", "door", "edge", "one_edge", "schema"]


@pytest.fixture
async def books(endpoints: Endpoints) -> AsyncGenerator[Books, None]:
    async with open_books(endpoints.mongo_url) as opened:
        yield opened
