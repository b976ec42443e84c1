"""The models that people may choose: what each is and makes, and under which terms. Pure data."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from domain.generation.limits import MAX_DURATION_SECONDS
from domain.kit.audio.audio_engine import AudioModel
from domain.kit.audio.music_engine import COMPOSER

SCORE_MODEL = "score-tiny"
SOUNDS = "Apache-2.0; sounds MIT (MuseScore General)"


class ModelKind(StrEnum):
    """What a model makes: a score that is then played, or sound itself."""

    SCORE = "SCORE"
    AUDIO = "AUDIO"


@dataclass(frozen=True)
class ModelCard:
    """`commercial_use` says whether its licence allows it, None where nobody knows.

    `served` are the models on the server that it stands on; the first one is its own, and makes what it makes. Our own
    tell their `version` with what they make.
    """

    id: str
    name: str
    description: str
    kind: ModelKind
    licence: str
    commercial_use: bool | None
    max_duration_seconds: float
    served: tuple[str, ...]
    version: str = ""
    hears_melodies: bool = False
    changes_scores: bool = False

    @property
    def maker(self) -> str:
        """The served model that is its own."""
        return self.served[0]


@dataclass(frozen=True)
class ListedModel:
    """`is_ready` tells whether all that it stands on answers, `is_allowed` whether people may use it here."""

    card: ModelCard
    is_ready: bool
    is_allowed: bool


def _written(id: str, name: str, description: str, writer: str, *, changes_scores: bool) -> ModelCard:
    """One that writes scores, which sampled instruments play."""
    return ModelCard(
        id=id,
        name=name,
        description=f"{description} Played with sampled instruments.",
        kind=ModelKind.SCORE,
        licence=SOUNDS,
        commercial_use=True,
        max_duration_seconds=MAX_DURATION_SECONDS,
        served=(writer, "text_embedding", "renderer"),
        changes_scores=changes_scores,
    )


SCORE_CARDS = (
    _written(
        COMPOSER,
        "Composer",
        "Writes multi-track scores by the rules of a genre.",
        COMPOSER,
        changes_scores=False,
    ),
    _written(
        SCORE_MODEL,
        "Score Tiny",
        "A small transformer, trained on scores, that writes them bar by bar from words and wishes, and changes those "
        "that are there.",
        "score_tiny",
        changes_scores=True,
    ),
)


def usual_card(ready: Collection[str], *, has_energy: bool) -> ModelCard:
    """Who writes a song for which no model was named: the trained one where it is `ready` on the server.

    It knows no word for energy, and the composer, which does, is always there.
    """
    composer, trained = SCORE_CARDS
    return trained if not has_energy and set(trained.served) <= set(ready) else composer


def score_card(model_id: str) -> ModelCard | None:
    """One of our own; None for what others may have added."""
    return next((card for card in SCORE_CARDS if card.id == model_id), None)


def audio_card(model: AudioModel) -> ModelCard:
    return ModelCard(
        id=model.id,
        name=model.name,
        description=model.description,
        kind=ModelKind.AUDIO,
        licence=model.licence,
        commercial_use=model.commercial_use,
        max_duration_seconds=min(model.longest_seconds, MAX_DURATION_SECONDS),
        served=(model.served, "text_embedding"),
        version=model.version,
        hears_melodies=model.hears_melodies,
    )
