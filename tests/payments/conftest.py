"""The API around a test's world, and a shop in it."""

import pytest

from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema
from tests.payments.shop import Shop, open_shop
from tests.world import World

__all__ = ["api", "commands", "door", "edge", "one_edge", "schema", "shop"]


@pytest.fixture
def shop(world: World) -> Shop:
    return open_shop(world)
