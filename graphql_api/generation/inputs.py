"""What a person can ask for."""

import strawberry

from domain.generation.model import GenerationRequest, PromptSection
from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.core.ids import local_id
from graphql_api.library.inputs import descent


@strawberry.input(description="A part of a song, by a model of the kind AUDIO.")
class PromptSectionInput:
    prompt: str = strawberry.field(
        description="What this part is, besides the prompt, which holds for all of them; may be empty. A model hears "
        "this first, then the other fields, then the prompt, and of a long text only the beginning, some 45 words."
    )
    seconds: float = strawberry.field(description="How long it lasts, 1 second at least.")

    def to_section(self) -> PromptSection:
        return PromptSection(self.prompt, self.seconds)


@strawberry.input(description="A song to be made. Fields that are filled in win over the prompt.")
class GenerateTrackInput:
    prompt: str = strawberry.field(
        description="1 to 2,000 characters of free text; terms such as `Am, 6/8, brushed drums, no piano` are read."
    )
    duration_seconds: float = strawberry.field(default=60.0, description="The length of the song, 5 to 600 seconds.")
    sections: list[PromptSectionInput] | None = strawberry.field(
        default=None,
        description="How the song goes, part by part, at most 16; together they are as long as the song, whatever "
        "`durationSeconds` says. For models of the kind AUDIO.",
    )
    title: str | None = strawberry.field(default=None, description="A title; one is found if it is left out.")
    genre: str | None = strawberry.field(default=None, description="One of `vocabulary.genres`.")
    mood: str | None = strawberry.field(default=None, description="One of `vocabulary.moods`.")
    bpm: float | None = strawberry.field(default=None, description="Beats per minute, 30 to 240.")
    key_scale: str | None = strawberry.field(default=None, description="A key such as `A minor`, `F#` or `Bb dorian`.")
    meter: str | None = strawberry.field(default=None, description="One of `vocabulary.meters`.")
    instruments: list[str] | None = strawberry.field(
        default=None, description="Instruments that must play, of `vocabulary.instruments`; at most 8."
    )
    excluded_instruments: list[str] | None = strawberry.field(
        default=None, description="Instruments that must not play, of `vocabulary.instruments`."
    )
    energy: float | None = strawberry.field(default=None, description="From calm (0) to full (1).")
    instrumental: bool | None = strawberry.field(default=None, description="Whether it is without singing.")
    seed: int | None = strawberry.field(default=None, description="Makes the song repeatable; chosen if left out.")
    model_id: str | None = strawberry.field(
        default=None,
        description="One of `models`. Left out: `score-tiny` where it is served, and `composer` where it is not or "
        "`energy` is filled in.",
    )
    variation_count: int = strawberry.field(
        default=1, description="How many songs to make of it, 1 to 8, each with the next seed and a price of its own."
    )
    melody_version_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="One of your versions, whose melody the song is to follow. For models with `hearsMelodies`.",
    )
    parent_version_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="One of your versions. Each song becomes one more of its track; a new track if left out.",
    )
    make_current: bool = strawberry.field(
        default=False,
        description="With `parentVersionId`: whether the track plays the new version as soon as it is finished. Of a "
        "public track only those may ask for that who may publish.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)

    def to_request(self) -> GenerationRequest:
        sections = tuple(part.to_section() for part in self.sections or ())
        melody = self.melody_version_id
        return GenerationRequest(
            prompt=self.prompt,
            duration_seconds=sum(part.seconds for part in sections) if sections else self.duration_seconds,
            sections=sections,
            melody_version_id=None if melody is None else local_id(melody, "Version", "melodyVersionId"),
            title=self.title,
            genre=self.genre,
            mood=self.mood,
            bpm=self.bpm,
            key_scale=self.key_scale,
            meter=self.meter,
            instruments=None if self.instruments is None else tuple(self.instruments),
            excluded_instruments=None if self.excluded_instruments is None else tuple(self.excluded_instruments),
            energy=self.energy,
            instrumental=self.instrumental,
            seed=self.seed,
            model_id=self.model_id,
            variation_count=self.variation_count,
            descent=descent(self.parent_version_id, self.make_current),
            idempotency_key=self.idempotency_key,
        )
