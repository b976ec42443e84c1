"""Putting the areas' parts together into one schema."""

from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.base import get_object_definition

from graphql_api.core.presentation import PresentErrors, Unavailability
from graphql_api.core.problems import CORE_HANDLERS, ProblemHandler
from graphql_api.core.scalars import SCALARS

MAX_TOKENS = 2000
CACHED_DOCUMENTS = 500


class CadenzaSchema(strawberry.Schema):
    """Errors are logged where they are presented, so the library's own log line is left out."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        pass


def build_schema(
    queries: Sequence[type],
    mutations: Sequence[type],
    subscriptions: Sequence[type],
    types: Sequence[type],
    handlers: Sequence[ProblemHandler],
    as_unavailable: Unavailability,
    *,
    for_export: bool = False,
) -> strawberry.Schema:
    """One schema of all areas; `types` are those that are only reachable through an interface.

    Only the exported text is sorted: strawberry cannot resolve unions in a schema whose types were sorted.
    """

    class PresentTheseErrors(PresentErrors):
        pass

    PresentTheseErrors.as_unavailable = staticmethod(as_unavailable)
    return CadenzaSchema(
        query=_root("Query", queries, "What can be read."),
        mutation=_root("Mutation", mutations, "What can be done. Each answers with a result or a typed problem."),
        subscription=_root("Subscription", subscriptions, "What can be watched."),
        types=list(types),
        extensions=[
            PresentTheseErrors,
            lambda: MaxTokensLimiter(MAX_TOKENS),
            lambda: ParserCache(CACHED_DOCUMENTS),
            lambda: ValidationCache(CACHED_DOCUMENTS),
        ],
        exception_handlers=[*CORE_HANDLERS, *handlers],
        config=StrawberryConfig(sort_schema=for_export, scalar_map=SCALARS),
    )


def _root(name: str, parts: Sequence[type], description: str) -> type:
    """The areas' parts of one root type as one type."""
    merged = merge_types(name, tuple(parts))
    get_object_definition(merged, strict=True).description = description
    return merged
