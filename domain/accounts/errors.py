"""Expected failures of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class EmailTaken(DomainError):
    """Somebody signed up with this address before."""

    email: str
    code: ClassVar[str] = "EMAIL_TAKEN"

    @property
    def message(self) -> str:
        return f"There already is an account for {self.email}. Sign in instead."


@dataclass
class WrongCredentials(DomainError):
    """The address or the password is wrong; which of the two is not told."""

    code: ClassVar[str] = "WRONG_CREDENTIALS"

    @property
    def message(self) -> str:
        return "The e-mail address or the password is wrong."


@dataclass
class RefreshRefused(DomainError):
    """A refresh token is not good, or not any more; `reused` when it was exchanged before and the session is over."""

    reused: bool = False
    code: ClassVar[str] = "REFRESH_REFUSED"

    @property
    def message(self) -> str:
        if self.reused:
            return "This refresh token was used before, so the session was ended for safety. Sign in again."
        return "This refresh token is not valid any more. Sign in again."


@dataclass
class TooManyAttempts(DomainError):
    """Somebody guesses too much, at this account or from this address."""

    retry_after_seconds: int
    code: ClassVar[str] = "TOO_MANY_ATTEMPTS"

    @property
    def message(self) -> str:
        return f"There were too many attempts. Try again in {self.retry_after_seconds} seconds."


@dataclass
class LinkRefused(DomainError):
    """A code from a mail is wrong, too old, or used up."""

    code: ClassVar[str] = "LINK_REFUSED"

    @property
    def message(self) -> str:
        return "This link is not valid any more. Ask for a new one."


@dataclass
class SecondFactorRequired(DomainError):
    """The password is right, or the provider was believed, and the account asks for a code as well."""

    challenge: str = field(repr=False)
    expires_at: datetime
    code: ClassVar[str] = "SECOND_FACTOR_REQUIRED"

    @property
    def message(self) -> str:
        return "Enter the code of your authenticator app, or a recovery code."


@dataclass
class WrongCode(DomainError):
    """The code is wrong, or was used before."""

    code: ClassVar[str] = "WRONG_CODE"

    @property
    def message(self) -> str:
        return "This code is wrong, or was used before. Wait for the next one."


@dataclass
class SecondFactorConflict(DomainError):
    """The second factor is on where it must be off, or the other way round."""

    is_on: bool
    code: ClassVar[str] = "SECOND_FACTOR_CONFLICT"

    @property
    def message(self) -> str:
        if self.is_on:
            return "Your second factor is on. Switch it off first."
        return "There is no second factor to do this with. Enrol one first."


@dataclass
class AccountBeingDeleted(DomainError):
    """The account waits for its erasure; whoever signs in may keep it."""

    restore_token: str = field(repr=False)
    erase_at: datetime
    code: ClassVar[str] = "ACCOUNT_BEING_DELETED"

    @property
    def message(self) -> str:
        return f"This account will be erased on {self.erase_at:%d %B %Y}. Restore it to sign in."


@dataclass
class DeletionBlocked(DomainError):
    """Something has to end before the account can."""

    reasons: Sequence[str]
    code: ClassVar[str] = "DELETION_BLOCKED"

    @property
    def message(self) -> str:
        return " ".join(self.reasons)
