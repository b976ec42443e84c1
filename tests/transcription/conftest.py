"""The API around a test's world."""

from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema

__all__ = ["api", "commands", "door", "edge", "one_edge", "schema"]
