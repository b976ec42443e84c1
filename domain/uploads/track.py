"""What an upload becomes in the library, and what its files say about themselves. Pure."""

from datetime import datetime

from domain.kit.audio.audio_decoding import EmbeddedTags
from domain.kit.audio.media import TrackTags
from domain.library.lyrics import Lyrics
from domain.library.model import Origin, Track, Version, VersionKind
from domain.library.recording import NewTrack, NewVersion, Recording
from domain.uploads.model import Upload


def tags_for_files(upload: Upload, now: datetime) -> TrackTags:
    """How the music was made is not known here, so nothing is claimed of it."""
    tags = upload.tags or EmbeddedTags()
    return TrackTags(
        title=upload.titled(tags),
        artist=upload.credited(tags),
        genre=tags.genre,
        bpm=0.0,
        key="",
        digital_source_type=None,
        date=tags.date or now.date().isoformat(),
    )


def made_of(upload: Upload, recording: Recording, now: datetime) -> NewTrack | NewVersion:
    """What it is in the library. Raises `ValueError` for an upload that has no job."""
    version = _version_of(upload, recording, now)
    if (descent := upload.descent) is None:
        return NewTrack(_track_of(upload, version, recording.lyrics, now), version)
    return NewVersion(upload.owner_id, version, descent.becomes_current, descent.may_publish)


def _track_of(upload: Upload, current: Version, lyrics: Lyrics | None, now: datetime) -> Track:
    tags = upload.tags or EmbeddedTags()
    return Track(
        id=upload.track_id,
        owner_id=upload.owner_id,
        title=upload.titled(tags),
        artist=upload.credited(tags),
        genre=tags.genre,
        created_at=now,
        current=current,
        lyrics=lyrics,
    )


def _version_of(upload: Upload, recording: Recording, now: datetime) -> Version:
    if upload.job_id is None:
        raise ValueError(f"the upload {upload.id} has no job")
    return Version(
        id=upload.version_id,
        track_id=upload.track_id,
        created_at=now,
        duration_seconds=recording.duration_seconds,
        bpm=None,
        key=None,
        meter=None,
        origin=Origin(
            job_id=upload.job_id,
            kind=VersionKind.UPLOADED,
            parent_id=None if upload.descent is None else upload.descent.parent_id,
        ),
        analysis=recording.analysis,
        assets=tuple(recording.assets),
    )
