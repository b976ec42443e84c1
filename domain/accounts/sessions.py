"""A signed-in session: how long it lives, and what becomes of it when one of its refresh tokens comes. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from domain.accounts.model import Account
from domain.accounts.refresh_tokens import RefreshToken


@dataclass(frozen=True)
class SessionPolicy:
    """Lifetimes. A session ends after `idle` without a refresh, and after `absolute` in any case.

    `grace` is how long an answer that got lost may be asked for again; `trusted` is how long one process goes on
    believing in a session before it looks again.
    """

    access: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(days=30)
    absolute: timedelta = timedelta(days=90)
    grace: timedelta = timedelta(seconds=10)
    trusted: timedelta = timedelta(seconds=5)


@dataclass(frozen=True)
class SessionRecord:
    """One sign-in on one device. `token_hash` is the SHA-256 of the only refresh token that may still be used."""

    id: str
    account_id: str
    generation: int
    token_hash: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str
    user_agent: str

    def rotated(self, token: RefreshToken, now: datetime, policy: SessionPolicy) -> "SessionRecord":
        """The session behind its next token; its absolute end does not move."""
        expires_at = min(now + policy.idle, self.created_at + policy.absolute)
        return replace(self, generation=token.generation, token_hash=token.digest, used_at=now, expires_at=expires_at)


@dataclass(frozen=True)
class Session:
    """What a client gets for its credentials; the access token goes into the Authorization header."""

    id: str
    account: Account
    access_token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class Presented(Enum):
    """What a genuine refresh token is to its session."""

    CURRENT = "current"
    JUST_ROTATED = "just rotated"
    REUSED = "reused"


def judge(record: SessionRecord, token: RefreshToken, now: datetime, policy: SessionPolicy) -> Presented:
    """A token that was given out once and is not the present one was stolen, or its answer was lost a moment ago."""
    if token.generation == record.generation and token.digest == record.token_hash:
        return Presented.CURRENT
    if token.generation == record.generation - 1 and now - record.used_at <= policy.grace:
        return Presented.JUST_ROTATED
    return Presented.REUSED
