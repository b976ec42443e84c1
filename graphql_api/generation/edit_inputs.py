"""What a person can ask to be changed of a version."""

from typing import Final

import strawberry

from domain.generation.edits import Edit, Extend, Layer, Repaint, Vary
from domain.generation.model import GenerationRequest
from domain.generation.models import SCORE_MODEL
from domain.library.model import Descent
from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.core.ids import local_id

VERSION: Final = "The version to begin with: one of yours that was generated. It stays as it is."
INSTRUCTION: Final = (
    "What it is to become, in up to 2,000 characters that are read like a prompt, such as `darker, with strings`; "
    "tempo, key and meter stay."
)
SEED: Final = "Makes the change repeatable; chosen if left out."
MAKE_CURRENT: Final = (
    "Whether the track plays the new version as soon as it is finished. Of a public track only those may ask for that "
    "who may publish."
)


@strawberry.input(description="A version to go on behind its end.")
class ExtendTrackInput:
    version_id: strawberry.ID = strawberry.field(description="The version to begin with. It stays as it is.")
    seconds: float = strawberry.field(
        description="How much longer: a bar of what was composed at least, and the whole song at most 600 seconds."
    )
    model_id: str = strawberry.field(
        default=SCORE_MODEL,
        description="`score-tiny` writes on where there is a score; a model of the kind AUDIO goes on from the sound "
        "of any version, uploads too.",
    )
    instruction: str | None = strawberry.field(default=None, description=INSTRUCTION)
    seed: int | None = strawberry.field(default=None, description=SEED)
    make_current: bool = strawberry.field(default=False, description=MAKE_CURRENT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_request(self) -> GenerationRequest:
        return _request(self, Extend(self.seconds), self.model_id)


@strawberry.input(description="Bars of a version to be written anew between what surrounds them.")
class RepaintTrackInput:
    version_id: strawberry.ID = strawberry.field(description=VERSION)
    from_seconds: float = strawberry.field(description="Where to begin; the bar that this lies in is the first.")
    to_seconds: float = strawberry.field(
        description="Where to end, a bar of the song at least and at most 120 seconds further on; the bar that it lies "
        "in is the last."
    )
    instruction: str | None = strawberry.field(default=None, description=INSTRUCTION)
    seed: int | None = strawberry.field(default=None, description=SEED)
    make_current: bool = strawberry.field(default=False, description=MAKE_CURRENT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_request(self) -> GenerationRequest:
        return _request(self, Repaint(self.from_seconds, self.to_seconds))


@strawberry.input(description="An instrument to play along with a version.")
class AddLayerInput:
    version_id: strawberry.ID = strawberry.field(description=VERSION)
    instrument: str = strawberry.field(description="One of `vocabulary.instruments`.")
    instruction: str | None = strawberry.field(default=None, description=INSTRUCTION)
    seed: int | None = strawberry.field(default=None, description=SEED)
    make_current: bool = strawberry.field(default=False, description=MAKE_CURRENT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_request(self) -> GenerationRequest:
        return _request(self, Layer(self.instrument))


@strawberry.input(description="A version of which to make another take.")
class VaryTrackInput:
    version_id: strawberry.ID = strawberry.field(description=VERSION)
    amount: float = strawberry.field(default=0.5, description="The share of the bars to be written anew, 0.05 to 1.")
    instruction: str | None = strawberry.field(default=None, description=INSTRUCTION)
    seed: int | None = strawberry.field(default=None, description=SEED)
    make_current: bool = strawberry.field(default=False, description=MAKE_CURRENT)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_request(self) -> GenerationRequest:
        return _request(self, Vary(self.amount))


EditInput = ExtendTrackInput | RepaintTrackInput | AddLayerInput | VaryTrackInput


def _request(given: EditInput, edit: Edit, model_id: str = SCORE_MODEL) -> GenerationRequest:
    return GenerationRequest(
        prompt=given.instruction or "",
        seed=given.seed,
        model_id=model_id,
        descent=Descent(local_id(given.version_id, "Version", "versionId"), given.make_current),
        idempotency_key=given.idempotency_key,
        edit=edit,
    )
