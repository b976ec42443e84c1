"""The models that can make songs, and why one cannot be had, as the schema shows them."""

from enum import Enum
from typing import Self

import strawberry

from domain.generation import errors
from domain.generation.models import ListedModel
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler


@strawberry.enum(description="What a model makes.")
class ModelKind(Enum):
    SCORE = strawberry.enum_value(
        "SCORE",
        description="A score that instruments then play: its songs have stems, notes and chords, and can be changed.",
    )
    AUDIO = strawberry.enum_value("AUDIO", description="Sound itself, straight from words, without notes.")


@strawberry.type(description="A model that can make songs.")
class Model:
    id: strawberry.ID = strawberry.field(description="Pass it as `modelId`.")
    name: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it does.")
    kind: ModelKind = strawberry.field(description="What it makes.")
    licence: str = strawberry.field(description="Under which terms its music is made.")
    commercial_use: bool | None = strawberry.field(
        description="Whether its licence allows commercial use; null where nobody knows."
    )
    is_allowed: bool = strawberry.field(
        description="Whether it may be used here. A server refuses models without commercial use unless it is set to."
    )
    version: str | None = strawberry.field(
        description="Of an added model: the beginning of the SHA-256 of its weights. Null for our own, which tell it "
        "with what they have made."
    )
    max_duration_seconds: float = strawberry.field(description="The longest song it makes.")
    hears_melodies: bool = strawberry.field(description="Whether it takes `melodyVersionId`.")
    is_ready: bool = strawberry.field(description="Whether all that it stands on answers right now.")

    @classmethod
    def of(cls, model: ListedModel) -> Self:
        card = model.card
        return cls(
            id=strawberry.ID(card.id),
            name=card.name,
            description=card.description,
            kind=ModelKind(card.kind.value),
            licence=card.licence,
            commercial_use=card.commercial_use,
            is_allowed=model.is_allowed,
            version=card.version or None,
            max_duration_seconds=card.max_duration_seconds,
            hears_melodies=card.hears_melodies,
            is_ready=model.is_ready,
        )


@strawberry.type(description="There is no such model.")
class UnknownModel(Problem):
    model_id: str = strawberry.field(description="What was asked for.")
    available: list[str] = strawberry.field(description="What there is.")

    @classmethod
    def of(cls, error: errors.UnknownModel) -> "UnknownModel":
        return cls(
            code=ProblemCode.UNKNOWN_MODEL,
            message=error.message,
            model_id=error.model_id,
            available=list(error.available),
        )


@strawberry.type(description="The licence of a model does not allow its use here.")
class ModelNotAllowed(Problem):
    pass


MODEL_HANDLERS = (
    ProblemHandler(errors.UnknownModel, UnknownModel),
    ProblemHandler(errors.ModelNotAllowed, ModelNotAllowed),
)
