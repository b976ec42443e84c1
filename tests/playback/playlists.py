"""Reading playlists by the rules of RFC 8216, section 4, more strictly than a player would."""

import re
from dataclasses import dataclass, field

from domain.playback.model import Variant

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]+)(?:,|$)')
VARIANTS = (Variant("96k", 110_000), Variant("320k", 356_000))
# EXT-X-MAP in a playlist that is not I-frames-only needs version 6 (section 7).
MAP_VERSION = 6


@dataclass
class MediaPlaylist:
    """`segments` are (seconds, address) in their order; `spans` first byte and size where they share an object."""

    tags: dict[str, str] = field(default_factory=dict)
    segments: list[tuple[float, str]] = field(default_factory=list)
    spans: list[tuple[int, int] | None] = field(default_factory=list)
    ended: bool = False

    @property
    def target(self) -> int:
        return int(self.tags["EXT-X-TARGETDURATION"])

    @property
    def seconds(self) -> float:
        return sum(seconds for seconds, _ in self.segments)


def attributes(text: str) -> dict[str, str]:
    """An attribute list (4.2) with its quotes taken off."""
    assert ATTRIBUTE.sub("", text) == "", text
    return {name: value.strip('"') for name, value in ATTRIBUTE.findall(text)}


def parse_media(text: str) -> MediaPlaylist:
    """Asserts what a server must do; raises nothing else for a playlist that is right."""
    lines = _lines(text)
    playlist, waiting, span = MediaPlaylist(), None, None
    for line in lines[1:]:
        assert not playlist.ended, "nothing follows the end"
        name, _, value = line.removeprefix("#").partition(":")
        if not line.startswith("#"):
            assert waiting is not None, "a segment without EXTINF"
            playlist.segments.append((waiting, line))
            playlist.spans.append(span)
            waiting = span = None
        elif name == "EXTINF":
            assert re.fullmatch(r"\d+\.\d+,", value), value
            waiting = float(value[:-1])
        elif name == "EXT-X-BYTERANGE":
            assert (waiting is not None, span) == (True, None), "a range of no segment, or two of one"
            size, offset = value.split("@")
            span = (int(offset), int(size))
        elif name == "EXT-X-ENDLIST":
            playlist.ended = True
        else:
            assert name not in playlist.tags, f"{name} twice"
            assert playlist.segments == [], f"{name} after the first segment"
            playlist.tags[name] = value
    assert waiting is None, "EXTINF without a segment"
    _check(playlist)
    return playlist


def parse_master(text: str) -> list[tuple[dict[str, str], str]]:
    """The variants as (attributes, address)."""
    lines = _lines(text)
    found = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#EXT-X-STREAM-INF:"):
            assert not following.startswith("#")
            found.append((attributes(line.partition(":")[2]), following))
    return found


def _lines(text: str) -> list[str]:
    assert text.endswith("\n")
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert all(line and line == line.strip() for line in lines)
    return lines


def _check(playlist: MediaPlaylist) -> None:
    assert int(playlist.tags["EXT-X-VERSION"]) >= MAP_VERSION
    assert playlist.tags["EXT-X-MEDIA-SEQUENCE"] == "0"
    assert set(attributes(playlist.tags["EXT-X-MAP"])) == {"URI"}
    # 4.3.3.1: rounded to the nearest whole number, no segment may be longer than the target
    assert all(int(seconds + 0.5) <= playlist.target for seconds, _ in playlist.segments)
