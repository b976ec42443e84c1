"""A song on its way: what is known once its score is written, and what is kept of finished steps. Pure."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.generation.chord_sheet import chord_sheet
from domain.generation.model import Generation
from domain.generation.outline import ScoreOutline
from domain.kit.media import TrackTags
from domain.kit.music_engine import Composition
from domain.library.model import Origin, Track, Version, VersionKind
from domain.library.recording import NewTrack, NewVersion, Recording


@dataclass(frozen=True)
class Song:
    """The request, the written score and its outline."""

    generation: Generation
    composition: Composition
    outline: ScoreOutline

    @property
    def title(self) -> str:
        return self.generation.request.title or self.outline.title

    def tags(self, now: datetime) -> TrackTags:
        request = self.generation.request
        words = request.prompt.strip()
        return TrackTags(
            title=self.title,
            artist=self.generation.artist,
            genre=self.outline.genre,
            bpm=self.outline.bpm,
            key=self.outline.key,
            comment=f"Generated with Cadenza from the prompt: {words}" if words else "Generated with Cadenza",
            date=now.date().isoformat(),
            model=request.model_id,
            seed=self.generation.seed,
        )

    def chord_sheet(self) -> bytes:
        """What there is to play along, as ChordPro."""
        return chord_sheet(self.composition.score, self.title, self.generation.artist)

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
            genre=self.outline.genre,
            created_at=now,
            current=current,
        )

    def _version(self, recording: Recording, now: datetime) -> Version:
        generation, descent, edit = self.generation, self.generation.request.descent, self.generation.request.edit
        return Version(
            id=generation.version_id,
            track_id=generation.track_id,
            created_at=now,
            duration_seconds=recording.duration_seconds,
            bpm=self.outline.bpm,
            key=self.outline.key,
            meter=self.outline.meter,
            origin=Origin(
                kind=VersionKind.GENERATED if edit is None else edit.makes,
                job_id=generation.job_id,
                model_id=generation.request.model_id,
                model_version=self.composition.model_version,
                seed=generation.seed,
                parent_id=None if descent is None else descent.parent_id,
            ),
            analysis=recording.analysis,
            assets=tuple(recording.assets),
        )


def composition_to_json(composition: Composition) -> bytes:
    fields: Mapping[str, Any] = {
        "score": composition.score.decode(),
        "midi": base64.b64encode(composition.midi).decode(),
        "model_version": composition.model_version,
    }
    return json.dumps(fields).encode()


def composition_from_json(text: bytes) -> Composition:
    fields = json.loads(text)
    return Composition(fields["score"].encode(), base64.b64decode(fields["midi"]), fields["model_version"])
