"""The API around the world, for the tests that speak GraphQL."""

from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema

__all__ = ["api", "commands", "door", "edge", "one_edge", "schema"]
