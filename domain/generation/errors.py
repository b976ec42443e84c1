"""Expected failures of generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class UnknownModel(DomainError):
    """The request names a model that is not offered."""

    model_id: str
    available: Sequence[str]
    code: ClassVar[str] = "UNKNOWN_MODEL"

    @property
    def message(self) -> str:
        return f"There is no model {self.model_id!r}. Choose one of: {', '.join(self.available)}."


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
