"""An account, a session and their problems as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.accounts import errors
from domain.accounts.model import Account as AccountModel
from domain.accounts.service import AccountService
from domain.accounts.sessions import Session as SessionModel
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler


@strawberry.type(description="A person's account. Only its owner sees it.")
class Account(relay.Node):
    id: relay.NodeID[str]
    email: str = strawberry.field(description="The address the person signs in with.")
    display_name: str = strawberry.field(description="The name that stands on the person's tracks.")
    created_at: datetime = strawberry.field(description="When the person signed up.")

    @classmethod
    def of(cls, account: AccountModel) -> Self:
        return cls(id=account.id, email=account.email, display_name=account.display_name, created_at=account.created_at)

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


HANDLERS = (
    ProblemHandler(errors.TooManyAttempts, TooManyAttempts),
    ProblemHandler(errors.EmailTaken, EmailTaken),
    ProblemHandler(errors.RefreshRefused, RefreshRefused),
    ProblemHandler(errors.WrongCredentials, WrongCredentials),
)
