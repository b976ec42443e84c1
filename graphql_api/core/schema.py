"""Putting the areas' parts together into one schema."""

from collections.abc import Sequence

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.base import get_object_definition

from graphql_api.core.problems import CORE_HANDLERS, ProblemHandler
from graphql_api.core.scalars import SCALARS


def build_schema(
    queries: Sequence[type],
    mutations: Sequence[type],
    subscriptions: Sequence[type],
    types: Sequence[type],
    handlers: Sequence[ProblemHandler],
    *,
    for_export: bool = False,
) -> strawberry.Schema:
    """One schema of all areas; `types` are those that are only reachable through an interface.

    Only the exported text is sorted: strawberry cannot resolve unions in a schema whose types were sorted.
    """

    return strawberry.Schema(
        query=_root("Query", queries, "What can be read."),
        mutation=_root("Mutation", mutations, "What can be done. Each answers with a result or a typed problem."),
        subscription=_root("Subscription", subscriptions, "What can be watched."),
        types=list(types),
        exception_handlers=[*CORE_HANDLERS, *handlers],
        config=StrawberryConfig(sort_schema=for_export, scalar_map=SCALARS),
    )


def _root(name: str, parts: Sequence[type], description: str) -> type:
    """The areas' parts of one root type as one type."""
    merged = merge_types(name, tuple(parts))
    get_object_definition(merged, strict=True).description = description
    return merged
