"""Expected failures of idempotency keys."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class IdempotencyConflict(DomainError):
    """The key was used within the last 24 hours for a different input."""

    idempotency_key: str
    code: ClassVar[str] = "IDEMPOTENCY_CONFLICT"

    @property
    def message(self) -> str:
        return (
            f"The idempotency key {self.idempotency_key!r} was already used with another input. "
            "Use a new key for a new request."
        )
