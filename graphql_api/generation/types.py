"""A song being made, and what was understood of its prompt, as the schema shows them."""

from collections.abc import Iterable
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.generation import errors
from domain.generation.model import Generation, Quote
from domain.kit.errors import NotFound
from domain.music.brief import MusicBrief as BriefModel
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemHandler
from graphql_api.generation.edit_types import TrackEdit, shown_edit
from graphql_api.generation.loaders import GenerationLoader
from graphql_api.generation.model_types import MODEL_HANDLERS
from graphql_api.jobs.loaders import JobLoader
from graphql_api.jobs.types import Job
from graphql_api.library.loaders import TrackLoader, VersionLoader
from graphql_api.library.types import Track, Version


@strawberry.type(description="Where one field of a brief came from.")
class BriefSource:
    field: str = strawberry.field(description="The field of the brief.")
    source: str = strawberry.field(
        description="`field` (filled in), `prompt` (your words), `similarity` (the prompt's meaning) or `default`."
    )


@strawberry.type(description="What was understood of a prompt. Fields that are null are the composer's choice.")
class MusicBrief:
    genre: str = strawberry.field(description="The genre.")
    mood: str | None = strawberry.field(description="The mood.")
    bpm: float | None = strawberry.field(description="Beats per minute.")
    key_scale: str | None = strawberry.field(description="The key, such as `A minor`.")
    meter: str | None = strawberry.field(description="The meter, such as `6/8`.")
    instruments: list[str] = strawberry.field(description="Instruments that must play.")
    excluded_instruments: list[str] = strawberry.field(description="Instruments that must not play.")
    energy: float | None = strawberry.field(description="From calm (0) to full (1).")
    sections: list[str] | None = strawberry.field(description="The form, section by section.")
    instrumental: bool = strawberry.field(description="Whether it is without singing.")
    sources: list[BriefSource] = strawberry.field(description="Where each field came from.")

    @classmethod
    def of(cls, brief: BriefModel) -> Self:
        return cls(
            genre=brief.genre,
            mood=brief.mood,
            bpm=brief.bpm,
            key_scale=None if brief.key is None else brief.key.label(),
            meter=None if brief.meter is None else brief.meter.label(),
            instruments=list(brief.instruments),
            excluded_instruments=list(brief.excluded_instruments),
            energy=brief.energy,
            sections=None if brief.sections is None else list(brief.sections),
            instrumental=brief.instrumental,
            sources=[BriefSource(field=name, source=source) for name, source in brief.sources.items()],
        )


@strawberry.type(description="A part of a song with words of its own.")
class PromptSection:
    prompt: str = strawberry.field(
        description="What the person wrote for this part; empty for the song's prompt alone."
    )
    seconds: float = strawberry.field(description="How long the part is.")


@strawberry.type(description="A song being made from a prompt, or from another version.")
class GenerationJob(Job):
    @strawberry.field(description="What the person wrote: the prompt, or the instruction of a change; empty for none.")
    async def prompt(self, info: Info) -> str:
        return (await _generation(self, info)).request.prompt

    @strawberry.field(description="What it changes of the version that it is made of; null for a new song.")
    async def edit(self, info: Info) -> TrackEdit | None:
        edit = (await _generation(self, info)).request.edit
        return None if edit is None else shown_edit(edit)

    @strawberry.field(description="The parts that were wished for, one after the other; none for a song of one prompt.")
    async def sections(self, info: Info) -> list[PromptSection]:
        sections = (await _generation(self, info)).request.sections
        return [PromptSection(prompt=section.prompt, seconds=section.seconds) for section in sections]

    @strawberry.field(description="The id of the version whose melody it follows, gone or not; null for none.")
    async def melody_version_id(self, info: Info) -> strawberry.ID | None:
        melody = (await _generation(self, info)).request.melody_version_id
        return None if melody is None else strawberry.ID(str(relay.GlobalID("Version", melody)))

    @strawberry.field(description="The version whose melody it follows, if you may hear it.")
    async def melody_version(self, info: Info) -> Version | None:
        melody = (await _generation(self, info)).request.melody_version_id
        found = None if melody is None else await info.context.loader(VersionLoader).load(melody)
        return None if found is None else Version.of(found)

    @strawberry.field(description="What was understood of it; null until the job has read it.")
    async def brief(self, info: Info) -> MusicBrief | None:
        brief = (await _generation(self, info)).brief
        return None if brief is None else MusicBrief.of(brief)

    @strawberry.field(description="The title, given or found; null until the score is written.")
    async def title(self, info: Info) -> str | None:
        return (await _generation(self, info)).title

    @strawberry.field(description="The length of the song in seconds.")
    async def duration_seconds(self, info: Info) -> float:
        return (await _generation(self, info)).request.duration_seconds

    @strawberry.field(description="The seed; the same request with it gives the same music.")
    async def seed(self, info: Info) -> int:
        return (await _generation(self, info)).seed

    @strawberry.field(description="The model that makes it.")
    async def model_id(self, info: Info) -> str:
        return (await _generation(self, info)).model_id

    @strawberry.field(
        description="The version of an added model: the beginning of the SHA-256 of its weights. Null for our own, "
        "which tell it with what they have made, and until it has begun."
    )
    async def model_version(self, info: Info) -> str | None:
        card = (await _generation(self, info)).card
        return None if card is None else card.version or None

    @strawberry.field(description="The id of the track to be; `playback` takes it as soon as `isPlayable` is true.")
    async def track_id(self, info: Info) -> strawberry.ID:
        generation = await _generation(self, info)
        return strawberry.ID(str(relay.GlobalID("Track", generation.track_id)))

    @strawberry.field(description="The id of the version to be; `playback` takes it with that of the track.")
    async def version_id(self, info: Info) -> strawberry.ID:
        return strawberry.ID(str(relay.GlobalID("Version", (await _generation(self, info)).version_id)))

    @strawberry.field(description="The finished track, or the one that gets one more version.")
    async def track(self, info: Info) -> Track | None:
        found = await info.context.loader(TrackLoader).load((await _generation(self, info)).track_id)
        return None if found is None else Track.seen(found)

    @strawberry.field(description="The finished version.")
    async def version(self, info: Info) -> Version | None:
        found = await info.context.loader(VersionLoader).load((await _generation(self, info)).version_id)
        return None if found is None else Version.of(found)

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(JobLoader).load_many(list(node_ids))
        return [None if job is None else cls.of(job) for job in found]


async def _generation(job: GenerationJob, info: Info) -> Generation:
    found = await info.context.loader(GenerationLoader).load(job.record.id)
    if found is None:
        raise NotFound("job", job.record.id)
    return found


@strawberry.type(description="What a wish would cost and how long it would take, as things are now.")
class GenerationQuote:
    credits: int = strawberry.field(description="The price of all variations together.")
    available_credits: int = strawberry.field(description="What you have.")
    is_affordable: bool = strawberry.field(description="Whether you have enough.")
    wait_seconds: float = strawberry.field(description="The expected wait for a worker, in seconds.")
    expected_seconds: float = strawberry.field(description="From now to the finished songs, in seconds.")

    @classmethod
    def of(cls, quote: Quote) -> Self:
        return cls(
            credits=quote.credits,
            available_credits=quote.available_credits,
            is_affordable=quote.is_affordable,
            wait_seconds=round(quote.wait_seconds, 1),
            expected_seconds=round(quote.wait_seconds + quote.work_seconds, 1),
        )


@strawberry.type(description="The words that explicit fields take.")
class Vocabulary:
    genres: list[str] = strawberry.field(description="For `genre`.")
    moods: list[str] = strawberry.field(description="For `mood`.")
    instruments: list[str] = strawberry.field(description="For `instruments` and `excludedInstruments`.")
    meters: list[str] = strawberry.field(description="For `meter`.")


@strawberry.type(description="The version is a recording without a score, so there are no notes to change.")
class NoScore(Problem):
    pass


HANDLERS = (
    *MODEL_HANDLERS,
    ProblemHandler(errors.NoScore, NoScore),
)
