"""A song on its way: what is known before it sounds, and what it becomes in the library. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.generation.model import Generation
from domain.kit.audio.media import TrackTags
from domain.library.model import Origin, Track, Version, VersionKind
from domain.library.recording import NewTrack, NewVersion, Recording
from domain.library.services.store_assets import AssetData
from domain.library.terms import Terms, licence_text


@dataclass(frozen=True)
class Facts:
    """What is known of its music. `bpm`, `key` and `meter` are None where nobody wrote them down."""

    title: str
    genre: str
    bpm: float | None
    key: str | None
    meter: str | None


@dataclass(frozen=True)
class Song(ABC):
    """A wish, and what its maker knows of it by now."""

    generation: Generation

    @property
    @abstractmethod
    def facts(self) -> Facts: ...

    @property
    @abstractmethod
    def model_version(self) -> str:
        """Of the model that made it."""

    @property
    @abstractmethod
    def stem_names(self) -> Sequence[str]:
        """What it sounds in, apart; empty where it cannot be told apart."""

    @property
    @abstractmethod
    def digital_source_type(self) -> str:
        """How it came about, as an IPTC NewsCode."""

    @property
    def terms(self) -> tuple[Terms, ...]:
        """Of all added models whose sound is in it; its files tell of them."""
        return ()

    def files(self) -> list[AssetData]:
        """What is kept besides the sound."""
        return []

    @property
    def title(self) -> str:
        return self.generation.request.title or self.facts.title

    def tags(self, now: datetime) -> TrackTags:
        request, facts = self.generation.request, self.facts
        words = request.prompt.strip()
        return TrackTags(
            title=self.title,
            artist=self.generation.artist,
            genre=facts.genre,
            bpm=facts.bpm or 0.0,
            key=facts.key or "",
            comment=f"Generated with Cadenza from the prompt: {words}" if words else "Generated with Cadenza",
            digital_source_type=self.digital_source_type,
            date=now.date().isoformat(),
            model=self.generation.model_id,
            seed=self.generation.seed,
            licence=licence_text(self.terms),
        )

    def made(self, recording: Recording, now: datetime) -> NewTrack | NewVersion:
        """What it is in the library."""
        version, descent = self._version(recording, now), self.generation.request.descent
        if descent is None:
            return NewTrack(self._track(version, now), version)
        return NewVersion(self.generation.owner_id, version, descent.becomes_current, descent.may_publish)

    def _track(self, current: Version, now: datetime) -> Track:
        generation = self.generation
        return Track(
            id=generation.track_id,
            owner_id=generation.owner_id,
            title=self.title,
            artist=generation.artist,
            genre=self.facts.genre,
            created_at=now,
            current=current,
        )

    def _version(self, recording: Recording, now: datetime) -> Version:
        generation, facts = self.generation, self.facts
        descent, edit = generation.request.descent, generation.request.edit
        return Version(
            id=generation.version_id,
            track_id=generation.track_id,
            created_at=now,
            duration_seconds=recording.duration_seconds,
            bpm=facts.bpm,
            key=facts.key,
            meter=facts.meter,
            origin=Origin(
                kind=VersionKind.GENERATED if edit is None else edit.makes,
                job_id=generation.job_id,
                model_id=generation.model_id,
                model_version=self.model_version,
                seed=generation.seed,
                parent_id=None if descent is None else descent.parent_id,
                terms=self.terms,
            ),
            analysis=recording.analysis,
            assets=tuple(recording.assets),
        )
