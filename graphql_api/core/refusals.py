"""Why a request is not executed: typed, with a code, an HTTP status and data. Resolvers' errors are elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from graphql import GraphQLError


class Refusal(Exception):
    """`is_http` refusals have their status whatever the client accepts.

    The others answer a well-formed request: under `application/json` their status is 200.
    """

    code: ClassVar[str] = "BAD_REQUEST"
    status: ClassVar[int] = 400
    is_http: ClassVar[bool] = False

    def __init__(
        self, message: str, data: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.data = data or {}
        self.headers = headers or {}

    def errors(self, request_id: str) -> list[dict[str, Any]]:
        """The entries of the answer's `errors`."""
        return [
            {"message": self.message, "extensions": {"code": self.code, "requestId": request_id, **self.data}},
        ]


class BadRequest(Refusal):
    """What was sent is no GraphQL request."""

    is_http = True


class NotFoundHere(Refusal):
    """There is no page at this method and path."""

    code = "NOT_FOUND"
    status = 404
    is_http = True


class MethodNotAllowed(Refusal):
    """The endpoint takes other methods."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    is_http = True


class NotAcceptable(Refusal):
    """The client accepts none of the media types that can be given."""

    code = "NOT_ACCEPTABLE"
    status = 406
    is_http = True


class UnsupportedMediaType(Refusal):
    """The body is of a type that is not read; browsers send some of those without asking first."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415
    is_http = True


class OperationTypeNotAllowed(Refusal):
    """This kind of operation does not work over this transport."""

    is_http = True


class IntrospectionDisabled(Refusal):
    """Strangers may not read the schema here."""

    code = "INTROSPECTION_DISABLED"


class PersistedQueryNotSupported(Refusal):
    """The message is the one that Apollo's and urql's clients know: they send the text next time."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"


class PersistedQueryNotFound(Refusal):
    """The message and the code are those that Apollo's and urql's clients know: they send the text with the hash."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class PersistedQueryHashMismatch(Refusal):
    """A text came with the hash of another one."""

    code = "PERSISTED_QUERY_HASH_MISMATCH"


class OperationNotRegistered(Refusal):
    """An organisation sent a text that is not on its safelist."""

    code = "OPERATION_NOT_REGISTERED"


class UnknownCredentials(Refusal):
    """Nobody knows whose documents are meant, because the token or key is not valid."""

    code = "UNAUTHENTICATED"
    status = 401


class TooManyOperations(Refusal):
    """A socket has as many operations running as it may."""

    code = "TOO_MANY_OPERATIONS"


class SlowConsumer(Refusal):
    """A subscription was ended because its events came faster than the client took them."""

    code = "SLOW_CONSUMER"

    def __init__(self) -> None:
        super().__init__(
            "Events came faster than you took them. Subscribe again, with the id of the last one you have."
        )


class TooManyConnections(Refusal):
    """The caller, or the address, has as many sockets and event streams open as it may."""

    code = "TOO_MANY_CONNECTIONS"
    status = 429
    is_http = True


class TooManyDocuments(Refusal):
    """Many unknown documents of one caller arrived at once, or many of them were refused."""

    code = "TOO_MANY_DOCUMENTS"
    status = 429
    is_http = True


class DocumentTooComplex(Refusal):
    """A document is beyond one of the limits; `value` is what was counted, or where counting was stopped."""

    code = "DOCUMENT_TOO_COMPLEX"

    def __init__(self, limit: str, bound: int, value: int) -> None:
        message = f"The document is too complex: {limit} may be at most {bound}, and is {value} or more."
        super().__init__(message, {"limit": limit, "bound": bound, "value": value})
        self.limit = limit


class RateLimited(Refusal):
    """The caller has spent what it may spend for now."""

    code = "RATE_LIMITED"
    status = 429
    is_http = True

    def __init__(self, retry_after_seconds: int, cost: Mapping[str, Any]) -> None:
        super().__init__(
            f"You have used up your budget for now. Try again in {retry_after_seconds} s, or ask for less at once.",
            {"retryAfterSeconds": retry_after_seconds, "cost": dict(cost)},
            {"Retry-After": str(retry_after_seconds)},
        )


class ExecutionTimeout(Refusal):
    """Executing took longer than the deadline; a mutation goes on, its answer is lost."""

    code = "EXECUTION_TIMEOUT"
    status = 504
    is_http = True

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The operation took longer than {seconds:g} s and was given up. Ask for less at once.")


class DocumentInvalid(Refusal):
    """The document or its variables are wrong; every error keeps its own words and places."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.found = errors

    def errors(self, request_id: str) -> list[dict[str, Any]]:
        shown = [dict(error.formatted) for error in self.found]
        return [{**error, "extensions": {"code": self.code, "requestId": request_id}} for error in shown]
