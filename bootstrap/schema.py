"""The whole schema, and its text for `schema.graphql`."""

import sys

import strawberry

from bootstrap.areas import AREAS
from graphql_api.core.schema import build_schema


def build(*, for_export: bool = False) -> strawberry.Schema:
    return build_schema(
        queries=[part for area in AREAS for part in area.queries],
        mutations=[part for area in AREAS for part in area.mutations],
        subscriptions=[part for area in AREAS for part in area.subscriptions],
        types=[part for area in AREAS for part in area.types],
        handlers=[handler for area in AREAS for handler in area.handlers],
        for_export=for_export,
    )


def export() -> str:
    """The sorted schema in the schema definition language, ending with a newline."""
    return build(for_export=True).as_str().rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(export())
