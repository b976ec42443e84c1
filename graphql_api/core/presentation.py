"""Top-level errors: own words for what is expected, one masked sentence for bugs."""

from collections.abc import Callable, Iterator
from typing import Any

import structlog
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError, StrawberryInputCoercionError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, StreamExecutionResult

from domain.kit.errors import DependencyUnavailable, DomainError, ValidationFailed

log = structlog.get_logger()

MASKED = "Something went wrong on our side. Quote the request id when you report it."

DOCUMENT_ERRORS = (
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
    MissingQueryError,
    StrawberryInputCoercionError,
)

Unavailability = Callable[[BaseException], DependencyUnavailable | None]


class PresentErrors(SchemaExtension):
    """Errors of the document keep their text; domain errors get their code; all else is logged and masked.

    Set `as_unavailable` on a subclass: it says which foreign errors mean that a server is out of reach.
    """

    as_unavailable: Unavailability

    _stream_result_processed = False

    def on_operation(self) -> Iterator[None]:
        yield
        result = self.execution_context.result
        if not self._stream_result_processed and isinstance(result, GraphQLExecutionResult | ExecutionResult):
            self._present_all(result)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        self._stream_result_processed = True
        self._present_all(result)
        yield None

    def _present_all(self, result: Any) -> None:
        if getattr(result, "errors", None):
            result.errors = [self._present(error) for error in result.errors]

    def _present(self, error: GraphQLError) -> GraphQLError:
        cause = error.original_error
        while isinstance(cause, GraphQLError):
            cause = cause.original_error
        if cause is None or isinstance(cause, DOCUMENT_ERRORS):
            return self._with(error, error.message, {"code": "BAD_REQUEST"})
        expected = cause if isinstance(cause, DomainError) else type(self).as_unavailable(cause)
        if expected is not None:
            return self._with(error, expected.message, {"code": expected.code, **_data(expected)})
        log.error("resolver_crashed", path=error.path, exc_info=cause)
        return self._with(error, MASKED, {"code": "INTERNAL"})

    def _with(self, error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
        request_id = self.execution_context.context.request_id
        return GraphQLError(
            message=message,
            nodes=error.nodes,
            source=error.source,
            positions=error.positions,
            path=error.path,
            extensions={**extensions, "requestId": request_id},
        )


def _data(error: DomainError) -> dict[str, Any]:
    if isinstance(error, ValidationFailed):
        return {"issues": [{"path": issue.path, "message": issue.message} for issue in error.issues]}
    return {}
