"""The API, and the public clients from npm, installed once as their lock says."""

from tests.clients.node import clients
from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema

__all__ = ["api", "clients", "commands", "door", "edge", "one_edge", "schema"]
