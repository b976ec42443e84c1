"""The root of every expected failure. An area's own errors extend `DomainError` and carry data, never markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass
class DomainError(Exception):
    """A failure that a client is told about in words, with a stable code."""

    code: ClassVar[str] = "INTERNAL"

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        """One sentence for the person who reads it."""
        return "Something went wrong."


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong with one input field; `path` is the field's name in the API."""

    path: str
    message: str


@dataclass
class ValidationFailed(DomainError):
    """The input cannot be accepted as it is; every issue found is listed."""

    issues: Sequence[Issue]
    code: ClassVar[str] = "VALIDATION_FAILED"

    @property
    def message(self) -> str:
        return " ".join(issue.message for issue in self.issues)


@dataclass
class NotFound(DomainError):
    """There is no such thing, or it is not this caller's to see: the answer is the same."""

    kind: str
    id: str
    code: ClassVar[str] = "NOT_FOUND"

    @property
    def message(self) -> str:
        return f"There is no {self.kind} with the id {self.id!r}."


@dataclass
class Unauthenticated(DomainError):
    """The call needs a signed-in person."""

    reason: str = "Sign in first, then send the access token as 'Authorization: Bearer …'."
    code: ClassVar[str] = "UNAUTHENTICATED"

    @property
    def message(self) -> str:
        return self.reason


@dataclass
class Forbidden(DomainError):
    """The caller is known, and may not do this."""

    reason: str = "Only an administrator may do this."
    code: ClassVar[str] = "FORBIDDEN"

    @property
    def message(self) -> str:
        return self.reason


@dataclass
class DependencyUnavailable(DomainError):
    """A server that Cadenza stands on is down or slow; trying again later can help."""

    dependency: str
    detail: str = ""
    code: ClassVar[str] = "DEPENDENCY_UNAVAILABLE"

    @property
    def message(self) -> str:
        return f"{self.dependency} cannot be reached right now. Nothing is lost; try again in a moment."


@dataclass
class EngineRefused(DomainError):
    """A music model answered that it cannot do what it was asked; trying again will not help."""

    engine_code: str
    detail: str
    code: ClassVar[str] = "ENGINE_REFUSED"

    @property
    def message(self) -> str:
        return f"The music model could not make this song: {self.detail}"
