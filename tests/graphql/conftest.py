"""The API around a test's world."""

from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema
from tests.graphql.what_ran import pytest_terminal_summary

__all__ = ["api", "commands", "door", "edge", "one_edge", "pytest_terminal_summary", "schema"]
