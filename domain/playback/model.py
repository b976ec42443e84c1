"""A rendition: the growing list of HLS segments of one track, and the playlists made of it (RFC 8216). Pure."""

import math
from dataclasses import dataclass
from datetime import datetime

from domain.library.model import AssetKind

INIT_NAME = "init.mp4"
CODECS = "mp4a.40.2"
# Segments are cut at this length; RFC 8216 (4.3.3.1, 6.2.1) rounds to it and forbids that it ever changes.
TARGET_SECONDS = 2


@dataclass(frozen=True)
class Segment:
    """One fMP4 media segment: its object's name within the rendition and its exact length in seconds."""

    name: str
    duration_seconds: float


@dataclass(frozen=True)
class Rendition:
    """`prefix` is where the objects lie; a rendition that is not complete grows while a listener plays it."""

    track_id: str
    owner_id: str
    job_id: str
    attempt: int
    prefix: str
    bandwidth: int
    segments: tuple[Segment, ...]
    is_complete: bool

    @property
    def duration_seconds(self) -> float:
        return sum(segment.duration_seconds for segment in self.segments)

    def key_of(self, name: str) -> str | None:
        """The object key of a file of this rendition; None for a name that is not in the playlist."""
        if name == INIT_NAME or any(segment.name == name for segment in self.segments):
            return f"{self.prefix}/{name}"
        return None


@dataclass(frozen=True)
class DownloadLink:
    """A file that anybody who has the URL may fetch until `expires_at`."""

    kind: AssetKind
    label: str | None
    url: str
    content_type: str
    size_bytes: int
    expires_at: datetime


@dataclass(frozen=True)
class Playback:
    """Where a track plays. While it renders, `downloads` is empty and the playlist at the same URL grows."""

    track_id: str
    hls_url: str
    expires_at: datetime
    is_complete: bool
    duration_seconds: float
    downloads: tuple[DownloadLink, ...]


def master_playlist(rendition: Rendition) -> str:
    """The multivariant playlist with its one variant."""
    return (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        f'#EXT-X-STREAM-INF:BANDWIDTH={rendition.bandwidth},CODECS="{CODECS}"\n'
        "audio.m3u8\n"
    )


def media_playlist(rendition: Rendition) -> str:
    """An EVENT playlist that gains lines, and that ends once the rendition is complete.

    Only a new attempt after a failure starts it over, with the same music and the same segment names.
    """
    longest = max((segment.duration_seconds for segment in rendition.segments), default=0.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(TARGET_SECONDS, math.floor(longest + 0.5))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if rendition.is_complete else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{INIT_NAME}"',
    ]
    for segment in rendition.segments:
        lines += [f"#EXTINF:{segment.duration_seconds:.6f},", segment.name]
    if rendition.is_complete:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
