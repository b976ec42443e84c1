"""Expected failures of partners."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class LastOwner(DomainError):
    """The organisation would be left without an owner."""

    organisation_id: str
    code: ClassVar[str] = "LAST_OWNER"

    @property
    def message(self) -> str:
        return "This is the only owner of the organisation. Make somebody else an owner first."


@dataclass
class InvitationForAnotherAddress(DomainError):
    """The letter went to another address than that of the account; to which one is not told."""

    code: ClassVar[str] = "INVITATION_FOR_ANOTHER_ADDRESS"

    @property
    def message(self) -> str:
        return "This invitation was sent to another address than yours. Sign in with the account of that address."


@dataclass
class TooManyOrganisations(DomainError):
    """A person has founded as many organisations as one may."""

    limit: int
    code: ClassVar[str] = "TOO_MANY_ORGANISATIONS"

    @property
    def message(self) -> str:
        return f"You have founded {self.limit} organisations already. Ask an operator if you need another one."


@dataclass(frozen=True)
class RefusedOperation:
    """Which of the documents that were sent, counted from 0, and what is wrong with it."""

    index: int
    name: str | None
    reasons: Sequence[str]


@dataclass
class OperationsRefused(DomainError):
    """Some of the documents cannot be registered, so none of them was."""

    refused: Sequence[RefusedOperation]
    code: ClassVar[str] = "OPERATIONS_REFUSED"

    @property
    def message(self) -> str:
        first = self.refused[0]
        more = f" {len(self.refused) - 1} more were refused, too." if len(self.refused) > 1 else ""
        return f"Nothing was registered. Document {first.index + 1}: {first.reasons[0]}{more}"
