"""Expected failures of buying."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class PaymentsNotSetUp(DomainError):
    """Nothing can be bought here: no gateway was chosen, or it does not take our key. `detail` is for the log."""

    detail: str = ""
    code: ClassVar[str] = "PAYMENTS_NOT_SET_UP"

    @property
    def message(self) -> str:
        return "Payments are not set up on this server, so nothing can be bought."


@dataclass
class AlreadySubscribed(DomainError):
    """The person pays for a plan already, and a second subscription would be paid as well."""

    plan_id: str
    code: ClassVar[str] = "ALREADY_SUBSCRIBED"

    @property
    def message(self) -> str:
        return f"You already subscribe to the plan {self.plan_id!r}. Change or end it in the billing portal."


@dataclass
class NoBillingAccount(DomainError):
    """The gateway does not know the person yet."""

    code: ClassVar[str] = "NO_BILLING_ACCOUNT"

    @property
    def message(self) -> str:
        return "There is no billing to manage yet: nothing was bought with this account."
