"""Top-level errors of executed operations: own words for what is expected, one masked sentence for bugs."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from domain.kit.errors import DependencyUnavailable, DomainError, ValidationFailed

log = structlog.get_logger()

MASKED = "Something went wrong on our side. Quote the request id when you report it."

INTERNAL = "INTERNAL"

Unavailability = Callable[[BaseException], DependencyUnavailable | None]


class ErrorPresenter:
    """Errors of the document keep their text; domain errors get their code; all else is logged and masked."""

    def __init__(self, as_unavailable: Unavailability) -> None:
        """`as_unavailable` says which foreign errors mean that a server is out of reach."""
        self._as_unavailable = as_unavailable

    def present(self, errors: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
        """The entries of an answer's `errors`."""
        return [self._present(error, request_id) for error in errors]

    def _present(self, error: GraphQLError, request_id: str) -> dict[str, Any]:
        message, extensions = self._told(error)
        shown = dict(error.formatted)
        return {**shown, "message": message, "extensions": {**extensions, "requestId": request_id}}

    def _told(self, error: GraphQLError) -> tuple[str, dict[str, Any]]:
        cause = error.original_error
        while isinstance(cause, GraphQLError):
            cause = cause.original_error
        if cause is None or isinstance(cause, StrawberryInputCoercionError):
            return error.message, {"code": "BAD_REQUEST"}
        expected = cause if isinstance(cause, DomainError) else self._as_unavailable(cause)
        if expected is not None:
            return expected.message, {"code": expected.code, **_data(expected)}
        log.error("resolver_crashed", path=error.path, exc_info=cause)
        return MASKED, {"code": INTERNAL}


def masked(request_id: str) -> dict[str, Any]:
    """The entry of an answer's `errors` for a bug, which has been logged."""
    return {"message": MASKED, "extensions": {"code": INTERNAL, "requestId": request_id}}


def _data(error: DomainError) -> dict[str, Any]:
    if isinstance(error, ValidationFailed):
        return {"issues": [{"path": issue.path, "message": issue.message} for issue in error.issues]}
    return {}
