"""What can go wrong with credits. The first two are a person's affair; the rest is loud on purpose."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class InsufficientCredits(DomainError):
    """The wallet cannot pay; nothing was held."""

    required_credits: int
    available_credits: int
    code: ClassVar[str] = "INSUFFICIENT_CREDITS"

    @property
    def message(self) -> str:
        missing = self.required_credits - self.available_credits
        return (
            f"This costs {self.required_credits:,} credits and you have {self.available_credits:,}: "
            f"{missing:,} {'is' if missing == 1 else 'are'} missing."
        )


@dataclass
class PlanLimitReached(DomainError):
    """The caller's plan does not include so much; `field` is the input's."""

    plan: str
    field: str
    limit: float
    code: ClassVar[str] = "PLAN_LIMIT"

    @property
    def message(self) -> str:
        return f"The {self.plan} plan allows {self.field} up to {self.limit:g}. A larger plan allows more."


class NoPrice(LookupError):
    """The price book has no line for this operation and model: the catalogue has to be mended."""


class CatalogueInvalid(ValueError):
    """The catalogue cannot be used; the text names every place that is wrong."""


class ReferenceReused(Exception):
    """A reference came back with other content, so that one of two effects would be lost: a defect of the caller."""
