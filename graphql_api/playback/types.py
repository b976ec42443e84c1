"""Where a track plays and downloads, as the schema shows it."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry
from strawberry import relay

from domain.playback.model import DownloadLink
from domain.playback.model import Playback as PlaybackModel
from graphql_api.core.scalars import URL, BigInt


@strawberry.enum(description="The files that belong to a version.")
class AssetKind(Enum):
    MASTER = strawberry.enum_value(
        "MASTER", description="The lossless master, FLAC, with the tags, cover and lyrics of now."
    )
    DOWNLOAD = strawberry.enum_value(
        "DOWNLOAD", description="MP3 at 320 kbit/s, with the tags, cover and lyrics of now."
    )
    WAVEFORM = strawberry.enum_value("WAVEFORM", description="Waveform peaks, BBC audiowaveform JSON version 2.")
    COVER = strawberry.enum_value(
        "COVER",
        description="The cover: the one that its owner has set, else the one in the uploaded file, else one drawn from "
        "the music's own spectrum.",
    )
    PICTURE = strawberry.enum_value("PICTURE", description="Waveform above mel spectrogram.")
    SCORE = strawberry.enum_value("SCORE", description="The score, cadenza.score/1 JSON.")
    MIDI = strawberry.enum_value(
        "MIDI", description="The score as a Standard MIDI File; of an upload, the notes that were heard."
    )
    CHORDS = strawberry.enum_value(
        "CHORDS", description="The score's sections, bars and chords to play along, ChordPro."
    )
    STEM = strawberry.enum_value("STEM", description="One instrument group on its own, FLAC.")
    ORIGINAL = strawberry.enum_value("ORIGINAL", description="The uploaded file, byte for byte.")


@strawberry.type(description="A file and where to fetch it.")
class Download:
    kind: AssetKind = strawberry.field(description="What the file is.")
    label: str | None = strawberry.field(
        description="Which stem it is; of a waveform, how many samples a pixel stands for if not 1,024; else null."
    )
    url: URL = strawberry.field(
        description="Where to fetch it until `expiresAt`, without any header. A file whose tags cannot be written is "
        "sent as it was made, with those of that time."
    )
    content_type: str = strawberry.field(description="Its media type.")
    size_bytes: BigInt = strawberry.field(
        description="Its size in bytes; a master, MP3 or stem is a little larger or smaller by its tags."
    )
    expires_at: datetime = strawberry.field(description="When the URL stops working.")

    @classmethod
    def of(cls, link: DownloadLink) -> Self:
        return cls(
            kind=AssetKind(link.kind.value),
            label=link.label,
            url=URL(link.url),
            content_type=link.content_type,
            size_bytes=BigInt(link.size_bytes),
            expires_at=link.expires_at,
        )


@strawberry.type(description="Where a track plays. It works while the track is still being made.")
class Playback:
    version_id: strawberry.ID = strawberry.field(
        description="Which version plays there. It is a `Version` once it is complete."
    )
    hls_url: URL = strawberry.field(
        description="The HLS master playlist. While the track is made the playlist grows at this same URL."
    )
    report_url: URL = strawberry.field(
        description="Where the player reports this one listen: POST a report or a list of at most 100 as JSON, "
        '`{"event": "start" | "heartbeat" | "complete", "sequence": 0, "positionSeconds": 0.0}`, with a sequence that '
        "ascends; a heartbeat every ten seconds and at each pause and seek. It works for hours beyond `expiresAt`."
    )
    expires_at: datetime = strawberry.field(description="When `hlsUrl` stops working.")
    is_complete: bool = strawberry.field(description="Whether the whole version is there.")
    duration_seconds: float = strawberry.field(description="How many seconds can be played now.")
    downloads: list[Download] = strawberry.field(
        description="All files of the version, or of another person's those for listeners; empty until it is complete."
    )

    @classmethod
    def of(cls, playback: PlaybackModel) -> Self:
        return cls(
            version_id=strawberry.ID(str(relay.GlobalID("Version", playback.version_id))),
            hls_url=URL(playback.hls_url),
            report_url=URL(playback.report_url),
            expires_at=playback.expires_at,
            is_complete=playback.is_complete,
            duration_seconds=playback.duration_seconds,
            downloads=[Download.of(link) for link in playback.downloads],
        )
