"""Expected failures as members of the schema: every mutation's result union names the problems it can have."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol, TypeVar

import strawberry

from domain.kit import errors


@strawberry.enum(description="The stable name of a problem; branch on it, and show the message to the person.")
class ProblemCode(Enum):
    VALIDATION_FAILED = strawberry.enum_value("VALIDATION_FAILED", description="The input cannot be accepted as it is.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="There is no such thing among what you may see.")
    UNAUTHENTICATED = strawberry.enum_value("UNAUTHENTICATED", description="You have to sign in first.")
    EMAIL_TAKEN = strawberry.enum_value("EMAIL_TAKEN", description="There is an account with this address.")
    WRONG_CREDENTIALS = strawberry.enum_value("WRONG_CREDENTIALS", description="The address or the password is wrong.")
    PASSWORD_NOT_SET = strawberry.enum_value(
        "PASSWORD_NOT_SET", description="A password is asked for, and the account has none yet."
    )
    EMAIL_UNVERIFIED = strawberry.enum_value("EMAIL_UNVERIFIED", description="Verify your e-mail address first.")
    PROVIDER_SIGN_IN_REFUSED = strawberry.enum_value(
        "PROVIDER_SIGN_IN_REFUSED", description="What came back from a provider is over, or not believed."
    )
    SIGN_IN_PROVIDER_UNAVAILABLE = strawberry.enum_value(
        "SIGN_IN_PROVIDER_UNAVAILABLE", description="A provider does not answer as it should."
    )
    PROVIDER_EMAIL_UNVERIFIED = strawberry.enum_value(
        "PROVIDER_EMAIL_UNVERIFIED", description="The provider has verified no address of the person's."
    )
    IDENTITY_LINK_REQUIRED = strawberry.enum_value(
        "IDENTITY_LINK_REQUIRED", description="There is an account with this address; sign in to it and link."
    )
    IDENTITY_TAKEN = strawberry.enum_value(
        "IDENTITY_TAKEN", description="This person at the provider signs in to another account."
    )
    PROVIDER_ALREADY_LINKED = strawberry.enum_value(
        "PROVIDER_ALREADY_LINKED", description="The account is linked with another person at this provider."
    )
    LAST_WAY_IN = strawberry.enum_value("LAST_WAY_IN", description="Without it nobody could sign in to the account.")
    REFRESH_REFUSED = strawberry.enum_value("REFRESH_REFUSED", description="The refresh token is not good any more.")
    TOO_MANY_ATTEMPTS = strawberry.enum_value("TOO_MANY_ATTEMPTS", description="Too many attempts; wait a while.")
    LINK_REFUSED = strawberry.enum_value("LINK_REFUSED", description="The code of a mail is not good any more.")
    SECOND_FACTOR_REQUIRED = strawberry.enum_value("SECOND_FACTOR_REQUIRED", description="A code is needed as well.")
    WRONG_CODE = strawberry.enum_value("WRONG_CODE", description="The code is wrong, or was used before.")
    SECOND_FACTOR_CONFLICT = strawberry.enum_value(
        "SECOND_FACTOR_CONFLICT", description="The second factor is on where it must be off, or the other way round."
    )
    ACCOUNT_BEING_DELETED = strawberry.enum_value(
        "ACCOUNT_BEING_DELETED", description="The account waits for its erasure."
    )
    DELETION_BLOCKED = strawberry.enum_value("DELETION_BLOCKED", description="Something has to end first.")
    UNKNOWN_MODEL = strawberry.enum_value("UNKNOWN_MODEL", description="There is no such model.")
    MODEL_NOT_ALLOWED = strawberry.enum_value(
        "MODEL_NOT_ALLOWED", description="The model's licence does not allow its use here."
    )
    NO_SCORE = strawberry.enum_value("NO_SCORE", description="The version has no notes that could be changed.")
    IDEMPOTENCY_CONFLICT = strawberry.enum_value(
        "IDEMPOTENCY_CONFLICT", description="The idempotency key was used for another input."
    )
    JOB_ALREADY_FINISHED = strawberry.enum_value("JOB_ALREADY_FINISHED", description="The job is already finished.")
    JOB_NOT_RETRYABLE = strawberry.enum_value(
        "JOB_NOT_RETRYABLE", description="Only a job that ended without a result can be tried again."
    )
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="Your account may not do this.")
    INSUFFICIENT_CREDITS = strawberry.enum_value(
        "INSUFFICIENT_CREDITS", description="There are too few credits for this; see `credits` and `buyCredits`."
    )
    PLAN_LIMIT = strawberry.enum_value("PLAN_LIMIT", description="Your plan does not include this.")
    TOO_MANY_JOBS = strawberry.enum_value("TOO_MANY_JOBS", description="As many of your jobs wait as your plan allows.")
    ALREADY_SUBSCRIBED = strawberry.enum_value("ALREADY_SUBSCRIBED", description="You pay for a plan already.")
    NO_BILLING_ACCOUNT = strawberry.enum_value(
        "NO_BILLING_ACCOUNT", description="Nothing was bought with this account yet."
    )
    PAYMENTS_NOT_SET_UP = strawberry.enum_value("PAYMENTS_NOT_SET_UP", description="This server sells nothing.")
    OVERLOADED = strawberry.enum_value("OVERLOADED", description="Too much waits already; try again later.")
    TOO_MANY_WEBHOOK_ENDPOINTS = strawberry.enum_value(
        "TOO_MANY_WEBHOOK_ENDPOINTS", description="You have as many webhook endpoints as there may be."
    )
    WEBHOOK_ENDPOINT_DISABLED = strawberry.enum_value(
        "WEBHOOK_ENDPOINT_DISABLED", description="Nothing is sent to this endpoint until it is enabled."
    )
    TOO_MANY_ORGANISATIONS = strawberry.enum_value(
        "TOO_MANY_ORGANISATIONS", description="You have founded as many organisations as one may."
    )
    LAST_OWNER = strawberry.enum_value("LAST_OWNER", description="The organisation would be left without an owner.")
    INVITATION_FOR_ANOTHER_ADDRESS = strawberry.enum_value(
        "INVITATION_FOR_ANOTHER_ADDRESS", description="The invitation was sent to another address than yours."
    )
    TOO_MANY_UPLOADS = strawberry.enum_value(
        "TOO_MANY_UPLOADS", description="As many uploads of yours are open as may be at once."
    )
    UPLOAD_CLOSED = strawberry.enum_value("UPLOAD_CLOSED", description="Nothing more can be brought to this upload.")
    UPLOAD_INCOMPLETE = strawberry.enum_value("UPLOAD_INCOMPLETE", description="Not all of the file has arrived.")
    EDIT_CONFLICT = strawberry.enum_value("EDIT_CONFLICT", description="It has changed since you read it.")
    COVER_REFUSED = strawberry.enum_value("COVER_REFUSED", description="What was brought cannot be a cover.")
    COVER_MISSING = strawberry.enum_value("COVER_MISSING", description="Not all of the picture has arrived.")
    LYRICS_DAMAGED = strawberry.enum_value("LYRICS_DAMAGED", description="Lines of an LRC text cannot be read.")
    TRACK_TAKEN_DOWN = strawberry.enum_value(
        "TRACK_TAKEN_DOWN", description="A moderator has taken it down, so it cannot be opened to anybody."
    )
    PLAYLIST_CONFLICT = strawberry.enum_value(
        "PLAYLIST_CONFLICT", description="The playlist has changed since you read it."
    )
    PLAYLIST_FULL = strawberry.enum_value("PLAYLIST_FULL", description="No more fits into the playlist.")
    PLAYLIST_IS_SMART = strawberry.enum_value(
        "PLAYLIST_IS_SMART", description="A rule says what stands in the playlist, and it is for its owner alone."
    )
    PLAYLIST_NOT_SMART = strawberry.enum_value("PLAYLIST_NOT_SMART", description="The playlist has no rule.")
    TOO_MANY_PLAYLISTS = strawberry.enum_value(
        "TOO_MANY_PLAYLISTS", description="You have as many playlists as there may be."
    )
    EXPORT_UNDER_WAY = strawberry.enum_value("EXPORT_UNDER_WAY", description="Your data are being packed already.")
    TOO_MANY_EXPORTS = strawberry.enum_value(
        "TOO_MANY_EXPORTS", description="You have asked for your data as often as one may in a day."
    )
    OPERATIONS_REFUSED = strawberry.enum_value(
        "OPERATIONS_REFUSED", description="Some documents cannot be registered, so none of them was."
    )


@strawberry.interface(description="An expected failure, told in words and with data.")
class Problem:
    code: ProblemCode = strawberry.field(description="The stable name of the problem.")
    message: str = strawberry.field(description="One sentence for the person who reads it.")

    @classmethod
    def of(cls, error: Any) -> "Problem":
        """The problem that tells this domain error; an area's problem adds its own data."""
        return cls(code=ProblemCode(error.code), message=error.message)


@strawberry.type(description="One thing that is wrong with one field of the input.")
class ValidationIssue:
    path: str = strawberry.field(description="The name of the input field.")
    message: str = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="The input cannot be accepted as it is.")
class ValidationFailed(Problem):
    issues: list[ValidationIssue] = strawberry.field(description="Everything that is wrong.")

    @classmethod
    def of(cls, error: errors.ValidationFailed) -> "ValidationFailed":
        issues = [ValidationIssue(path=issue.path, message=issue.message) for issue in error.issues]
        return cls(code=ProblemCode.VALIDATION_FAILED, message=error.message, issues=issues)


@strawberry.type(description="There is no such thing, or it belongs to somebody else: the answer is the same.")
class NotFound(Problem):
    pass


@strawberry.type(description="The call needs a signed-in person and a token that is still valid.")
class Unauthenticated(Problem):
    pass


@strawberry.type(description="Your account may not do this.")
class Forbidden(Problem):
    pass


class _ProblemType(Protocol):
    @classmethod
    def of(cls, error: Any) -> Any: ...


ProblemT = TypeVar("ProblemT", bound=_ProblemType)


class ProblemHandler:
    """Turns one class of domain errors into one problem type, where a field's union has that type.

    Fits strawberry's `ExceptionHandler` protocol; its types are only known at run time, so they are attributes.
    """

    def __init__(self, exception_type: type[errors.DomainError], error_type: type[ProblemT]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: Any, *, field: object, info: object) -> Any:
        return self.error_type.of(exception)


CORE_HANDLERS: Sequence[ProblemHandler] = (
    ProblemHandler(errors.ValidationFailed, ValidationFailed),
    ProblemHandler(errors.NotFound, NotFound),
    ProblemHandler(errors.Unauthenticated, Unauthenticated),
    ProblemHandler(errors.Forbidden, Forbidden),
)
