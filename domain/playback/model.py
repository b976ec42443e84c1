"""A rendition: the growing list of HLS segments of one version, and the playlists made of it (RFC 8216). Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from domain.jobs.model import Lease
from domain.kit.audio.media import LADDER
from domain.library.folders import attempt_folder
from domain.library.model import AssetKind

INIT_NAME = "init.mp4"
CODECS = "mp4a.40.2"
# What a variant takes at its loudest second, and what its boxes take, above its bit rate (measured on songs).
PEAK_OVER_MEAN, BOXES_BITS = 1.1, 4_000
# Segments are cut at this length; RFC 8216 (4.3.3.1, 6.2.1) rounds to it and forbids that it ever changes.
TARGET_SECONDS = 2


@dataclass(frozen=True)
class Segment:
    """One fMP4 media segment: its object's name within the rendition, and its exact length in seconds.

    Segments that follow one another may lie in one object. `sizes` then has the bytes of this one in each variant, in
    the order of the variants; it lies behind those before it that have the same name. Empty for a whole object.
    An object that `holds_all` variants has those of the first, then those of the second, and lies beside their folders.
    """

    name: str
    duration_seconds: float
    sizes: tuple[int, ...] = ()
    holds_all: bool = False


@dataclass(frozen=True)
class Variant:
    """The rendition at one rate: `name` is its folder under the prefix, `bandwidth` its peak in bit/s.

    A rendition from before there was a ladder has one variant without a name.
    """

    name: str
    bandwidth: int

    @property
    def folder(self) -> str:
        """What stands before the names of its files."""
        return f"{self.name}/" if self.name else ""


@dataclass(frozen=True)
class Rendition:
    """`prefix` is where the objects lie; a rendition that is not complete grows while a listener plays it.

    All variants are cut alike, so one list of segments serves them all.
    """

    version_id: str
    track_id: str
    owner_id: str
    job_id: str
    attempt: int
    prefix: str
    variants: tuple[Variant, ...]
    segments: tuple[Segment, ...]
    is_complete: bool

    @property
    def duration_seconds(self) -> float:
        return sum(segment.duration_seconds for segment in self.segments)

    def has(self, variant: str) -> bool:
        return any(each.name == variant for each in self.variants)

    def object_keys(self) -> set[str]:
        """The object keys of all its files."""
        names = {INIT_NAME, *(segment.name for segment in self.segments if not segment.holds_all)}
        shared = {f"{self.prefix}/{segment.name}" for segment in self.segments if segment.holds_all}
        return shared | {f"{self.prefix}/{each.folder}{name}" for each in self.variants for name in names}

    def key_of(self, variant: str, name: str) -> str | None:
        """The object key of a file of a variant; None for a name that is not in its playlist."""
        part = next((part for part in self.segments if part.name == name), None)
        for each in self.variants:
            if each.name == variant and (name == INIT_NAME or part is not None):
                folder = "" if part is not None and part.holds_all else each.folder
                return f"{self.prefix}/{folder}{name}"
        return None

    def places(self, variant: int) -> Iterator[tuple[Segment, int]]:
        """Each segment with the byte of its object at which it begins in the variant of this number."""
        for _, together in groupby(self.segments, key=lambda segment: segment.name):
            segments = list(together)
            offset = sum(sum(part.sizes[:variant]) for part in segments) if segments[0].holds_all else 0
            for part in segments:
                yield part, offset
                offset += part.sizes[variant] if part.sizes else 0


def new_rendition(track_id: str, version_id: str, owner_id: str, lease: Lease) -> Rendition:
    """An empty one for this attempt, at all rungs of the ladder, under a prefix that no other attempt has."""
    return Rendition(
        version_id=version_id,
        track_id=track_id,
        owner_id=owner_id,
        job_id=lease.job_id,
        attempt=lease.attempt,
        prefix=attempt_folder(track_id, version_id, lease.attempt, lease.token),
        variants=tuple(Variant(rung.name, round(rung.bit_rate * PEAK_OVER_MEAN) + BOXES_BITS) for rung in LADDER),
        segments=(),
        is_complete=False,
    )


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
    """Where a version plays. While it renders, `downloads` is empty and the playlist at the same URL grows."""

    track_id: str
    version_id: str
    hls_url: str
    report_url: str
    expires_at: datetime
    is_complete: bool
    duration_seconds: float
    downloads: tuple[DownloadLink, ...]


def master_playlist(rendition: Rendition) -> str:
    """The multivariant playlist, the leanest variant first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for variant in sorted(rendition.variants, key=lambda each: each.bandwidth):
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth},CODECS="{CODECS}"',
            f"{variant.folder}audio.m3u8",
        ]
    return "\n".join(lines) + "\n"


def media_playlist(rendition: Rendition, variant: str) -> str:
    """One variant's: an EVENT playlist that gains lines, and that ends once the rendition is complete.

    Only a new attempt after a failure starts it over, with the same music. Raises `ValueError` for another variant.
    """
    longest = max((segment.duration_seconds for segment in rendition.segments), default=0.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(TARGET_SECONDS, math.floor(longest + 0.5))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if rendition.is_complete else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        # Who presses play while the song is made wants its beginning, not what is newest.
        "#EXT-X-START:TIME-OFFSET=0",
        f'#EXT-X-MAP:URI="{INIT_NAME}"',
    ]
    number = [each.name for each in rendition.variants].index(variant)
    for segment, offset in rendition.places(number):
        lines.append(f"#EXTINF:{segment.duration_seconds:.6f},")
        if segment.sizes:
            lines.append(f"#EXT-X-BYTERANGE:{segment.sizes[number]}@{offset}")
        lines.append(segment.name)
    if rendition.is_complete:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
