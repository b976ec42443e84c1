"""An account, a session and their problems as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.accounts import errors
from domain.accounts.model import Account as AccountModel
from domain.accounts.service import AccountService
from domain.accounts.sessions import Session as SessionModel
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler


@strawberry.enum(description="What a person is to the platform; each may do all that the ones before it may.")
class Role(Enum):
    LISTENER = strawberry.enum_value("LISTENER", description="Everybody.")
    ARTIST = strawberry.enum_value("ARTIST", description="May publish.")
    MODERATOR = strawberry.enum_value("MODERATOR", description="May moderate what others published.")
    ADMIN = strawberry.enum_value("ADMIN", description="May look after dead letters.")


@strawberry.type(description="A person's account. Only its owner sees it.")
class Account(relay.Node):
    id: relay.NodeID[str]
    email: str = strawberry.field(description="The address the person signs in with.")
    display_name: str = strawberry.field(description="The name that stands on the person's tracks.")
    created_at: datetime = strawberry.field(description="When the person signed up.")
    role: Role = strawberry.field(description="What the person is to the platform.")
    is_email_verified: bool = strawberry.field(description="Whether the address was shown to be the person's.")
    has_password: bool = strawberry.field(
        description="Whether the account can be signed in to with a password; else `requestPasswordReset` gives one."
    )

    @classmethod
    def of(cls, account: AccountModel) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            display_name=account.display_name,
            created_at=account.created_at,
            role=Role[account.role.name],
            is_email_verified=account.email_verified,
            has_password=account.has_password,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        caller, wanted = info.context.caller, list(node_ids)
        viewer = await info.context.service(AccountService).viewer(caller) if caller.account_id in wanted else None
        return [cls.of(viewer) if viewer and viewer.id == node_id else None for node_id in wanted]


@strawberry.type(description="What a sign-in gives. Send the access token as `Authorization: Bearer …`.")
class Session:
    access_token: str = strawberry.field(description="Goes with every call. It lives for minutes.")
    expires_at: datetime = strawberry.field(description="When the access token stops working.")
    refresh_token: str = strawberry.field(
        description="Good for one `refreshSession`, which gives the next one. Treat it like a password."
    )
    refresh_expires_at: datetime = strawberry.field(description="When the session ends unless it is refreshed.")
    viewer: Account = strawberry.field(description="Whose session this is.")

    @classmethod
    def of(cls, session: SessionModel) -> Self:
        return cls(
            access_token=session.access_token,
            expires_at=session.expires_at,
            refresh_token=session.refresh_token,
            refresh_expires_at=session.refresh_expires_at,
            viewer=Account.of(session.account),
        )


@strawberry.type(description="Somebody signed up with this address before.")
class EmailTaken(Problem):
    email: str = strawberry.field(description="The address.")

    @classmethod
    def of(cls, error: errors.EmailTaken) -> "EmailTaken":
        return cls(code=ProblemCode.EMAIL_TAKEN, message=error.message, email=error.email)


@strawberry.type(description="The address or the password is wrong; which of the two is not told.")
class WrongCredentials(Problem):
    pass


@strawberry.type(description="The refresh token is not good, or not any more.")
class RefreshRefused(Problem):
    is_reuse: bool = strawberry.field(
        description="Whether the token was exchanged before; somebody may have stolen it, so the session was ended."
    )

    @classmethod
    def of(cls, error: errors.RefreshRefused) -> "RefreshRefused":
        return cls(code=ProblemCode.REFRESH_REFUSED, message=error.message, is_reuse=error.reused)


@strawberry.type(description="There were too many attempts at this account, or from this address.")
class TooManyAttempts(Problem):
    retry_after_seconds: int = strawberry.field(description="When to try again.")

    @classmethod
    def of(cls, error: errors.TooManyAttempts) -> "TooManyAttempts":
        return cls(
            code=ProblemCode.TOO_MANY_ATTEMPTS, message=error.message, retry_after_seconds=error.retry_after_seconds
        )


@strawberry.type(description="The code of a mail is wrong, too old, or used up.")
class LinkRefused(Problem):
    pass


@strawberry.type(
    description="The password or the provider has been believed, and the account asks for a code; see `completeSignIn`."
)
class SecondFactorRequired(Problem):
    challenge: str = strawberry.field(description="Goes to `completeSignIn` with the code.")
    expires_at: datetime = strawberry.field(description="Until when.")

    @classmethod
    def of(cls, error: errors.SecondFactorRequired) -> "SecondFactorRequired":
        return cls(
            code=ProblemCode.SECOND_FACTOR_REQUIRED,
            message=error.message,
            challenge=error.challenge,
            expires_at=error.expires_at,
        )


@strawberry.type(description="The code is wrong, or was used before.")
class WrongCode(Problem):
    pass


@strawberry.type(description="The second factor is on where it must be off, or the other way round.")
class SecondFactorConflict(Problem):
    is_on: bool = strawberry.field(description="Whether it is on.")

    @classmethod
    def of(cls, error: errors.SecondFactorConflict) -> "SecondFactorConflict":
        return cls(code=ProblemCode.SECOND_FACTOR_CONFLICT, message=error.message, is_on=error.is_on)


@strawberry.type(description="The account waits for its erasure; see `restoreAccount`.")
class AccountBeingDeleted(Problem):
    restore_token: str = strawberry.field(description="Goes to `restoreAccount` within a quarter of an hour.")
    erase_at: datetime = strawberry.field(description="When the account will be erased.")

    @classmethod
    def of(cls, error: errors.AccountBeingDeleted) -> "AccountBeingDeleted":
        return cls(
            code=ProblemCode.ACCOUNT_BEING_DELETED,
            message=error.message,
            restore_token=error.restore_token,
            erase_at=error.erase_at,
        )


@strawberry.type(description="Something has to end before the account or the organisation can.")
class DeletionBlocked(Problem):
    reasons: list[str] = strawberry.field(description="What stands in the way, one sentence each.")

    @classmethod
    def of(cls, error: errors.DeletionBlocked) -> "DeletionBlocked":
        return cls(code=ProblemCode.DELETION_BLOCKED, message=error.message, reasons=list(error.reasons))


HANDLERS = (
    ProblemHandler(errors.AccountBeingDeleted, AccountBeingDeleted),
    ProblemHandler(errors.DeletionBlocked, DeletionBlocked),
    ProblemHandler(errors.LinkRefused, LinkRefused),
    ProblemHandler(errors.SecondFactorRequired, SecondFactorRequired),
    ProblemHandler(errors.WrongCode, WrongCode),
    ProblemHandler(errors.SecondFactorConflict, SecondFactorConflict),
    ProblemHandler(errors.TooManyAttempts, TooManyAttempts),
    ProblemHandler(errors.EmailTaken, EmailTaken),
    ProblemHandler(errors.RefreshRefused, RefreshRefused),
    ProblemHandler(errors.WrongCredentials, WrongCredentials),
)
