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
class ModelNotAllowed(DomainError):
    """The request names a model that may not be used here because of its licence."""

    name: str
    licence: str
    code: ClassVar[str] = "MODEL_NOT_ALLOWED"

    @property
    def message(self) -> str:
        return (
            f"{self.name} is licensed under {self.licence}, which forbids commercial use, so it is not offered here. "
            "Choose a model of which `models` says that it is allowed."
        )


@dataclass
class NoScore(DomainError):
    """A version was to be changed of which nobody has written a score."""

    version_id: str
    code: ClassVar[str] = "NO_SCORE"

    @property
    def message(self) -> str:
        return (
            "This version is a recording without a score, so there are no notes to change. Choose a version that was "
            "generated here, or make a new one with generateTrack and this version as parentVersionId."
        )
