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
