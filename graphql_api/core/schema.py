"""Putting the areas' parts together into one schema."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.base import get_object_definition
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from graphql_api.core.presentation import PresentErrors, Unavailability
from graphql_api.core.problems import CORE_HANDLERS, ProblemHandler
from graphql_api.core.scalars import SCALARS

MAX_TOKENS = 2000
CACHED_DOCUMENTS = 500


class LenientParserCache(ParserCache):
    """Leaves a document with an error in it to the library, which then tells of it on every transport."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        with suppress(GraphQLError):
            context.graphql_document = self.cached_parse_document(context.query, **context.parse_options)
        yield


class CadenzaSchema(strawberry.Schema):
    """Errors are logged where they are presented, so the library's own log line is left out."""

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Runs an operation that has one answer; a subscription has many, and only `stream` gives those."""
        allowed = set(allowed_operation_types or OperationType) - {OperationType.SUBSCRIPTION}
        return await super().execute(
            query, variable_values, context_value, root_value, operation_name, allowed, operation_extensions
        )

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
            lambda: LenientParserCache(CACHED_DOCUMENTS),
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
