"""What was measured on a version, as the schema shows it."""

from typing import Self

import strawberry

from domain.kit.audio.sound import BeatGrid as BeatGridModel
from domain.kit.audio.sound import Estimate as EstimateModel
from domain.kit.audio.sound import Section as SectionModel
from domain.kit.audio.sound import Structure
from domain.library.model import VersionFacts
from graphql_api.core.context import Info
from graphql_api.core.shown import Shown, shows_record
from graphql_api.library.loaders import StructureLoader

UNMEASURED = "null for what was made before it was measured."


@strawberry.type(description="A value that was estimated by ear, so to speak.")
class Estimate:
    value: float = strawberry.field(description="The value, 0 to 1.")
    confidence: float = strawberry.field(description="How far it can be trusted, 0 to 1.")

    @classmethod
    def of(cls, estimate: EstimateModel) -> Self:
        return cls(value=estimate.value, confidence=estimate.confidence)


@strawberry.type(description="Where the beats and the bars lie.")
class BeatGrid:
    beats_seconds: list[float] = strawberry.field(
        description="Each beat in seconds from the start; empty when there is no pulse."
    )
    confidence: float = strawberry.field(description="How sure the beats are, 0 to 1.")
    beats_per_bar: int | None = strawberry.field(
        description="Beats in a bar, 2, 3 or 4, a dotted quarter being one beat in 6/8; null when it is not clear."
    )
    downbeats_seconds: list[float] = strawberry.field(
        description="The beats that begin bars, in seconds; empty when it is not clear which do."
    )
    downbeat_confidence: float = strawberry.field(description="How sure the downbeats are, 0 to 1.")

    @classmethod
    def of(cls, grid: BeatGridModel) -> Self:
        return cls(
            beats_seconds=list(grid.beats),
            confidence=grid.confidence,
            beats_per_bar=grid.beats_per_bar or None,
            downbeats_seconds=list(grid.downbeats),
            downbeat_confidence=grid.downbeat_confidence,
        )


@strawberry.type(description="A part of the form, between two lasting changes of the sound.")
class Section:
    start_seconds: float = strawberry.field(description="Where it begins, in seconds.")
    end_seconds: float = strawberry.field(description="Where it ends and the next begins, in seconds.")
    confidence: float = strawberry.field(
        description="How clear the change at its beginning is, 0 to 1; 1 for the first."
    )

    @classmethod
    def of(cls, section: SectionModel) -> Self:
        return cls(start_seconds=section.start_seconds, end_seconds=section.end_seconds, confidence=section.confidence)


@shows_record("analysis")
@strawberry.type(description="What was measured on the finished audio itself.")
class Analysis(Shown):
    loudness_lufs: float = strawberry.field(description="Integrated loudness in LUFS (ITU-R BS.1770).")
    loudness_range_lu: float = strawberry.field(description="Loudness range in LU (EBU Tech 3342).")
    true_peak_dbtp: float = strawberry.field(description="True peak in dBTP, at four times oversampling.")
    tempo_bpm: float = strawberry.field(description="Tempo in beats per minute; 0 when there is no pulse.")
    tempo_confidence: float = strawberry.field(description="How sure the tempo is, 0 to 1.")
    key: str = strawberry.field(description="Key such as `A minor`; empty when there is none.")
    key_confidence: float = strawberry.field(description="How sure the key is, 0 to 1.")
    record: strawberry.Private[VersionFacts]

    @strawberry.field(description="How intense it is, by loudness, onsets, spectral flux and treble; " + UNMEASURED)
    def energy(self) -> Estimate | None:
        return self._estimate("energy")

    @strawberry.field(description="How well one could dance to it, by pulse, tempo and steadiness; " + UNMEASURED)
    def danceability(self) -> Estimate | None:
        return self._estimate("danceability")

    @strawberry.field(description="How much it sounds like instruments without electronics or drum kit; " + UNMEASURED)
    def acousticness(self) -> Estimate | None:
        return self._estimate("acousticness")

    @strawberry.field(description="How cheerful it may sound, by mode, tempo and brightness; " + UNMEASURED)
    def valence(self) -> Estimate | None:
        return self._estimate("valence")

    @strawberry.field(description="The beats and bars; " + UNMEASURED)
    async def beat_grid(self, info: Info) -> BeatGrid | None:
        found = await self._structure(info)
        return None if found is None else BeatGrid.of(found.grid)

    @strawberry.field(description="The sections, which follow each other from start to end; " + UNMEASURED)
    async def sections(self, info: Info) -> list[Section] | None:
        found = await self._structure(info)
        return None if found is None else [Section.of(section) for section in found.sections]

    def _estimate(self, name: str) -> Estimate | None:
        character = self.record.analysis.character
        return None if character is None else Estimate.of(getattr(character, name))

    async def _structure(self, info: Info) -> Structure | None:
        return await info.context.loader(StructureLoader).load(self.record.id)
