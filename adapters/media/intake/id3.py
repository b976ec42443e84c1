"""Frames of lyrics of which FFmpeg knows nothing: SYLT, and SLT and ULT of ID3v2.2. Whatever is odd is left out.

ID3v2.2 to v2.4 (id3.org), the tag at a file's beginning. USLT is not read here.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

# A tag may hold pictures; more than this is not searched.
MAX_TAG_BYTES = 1 << 24
MAX_ENTRIES = 10_000

_HEADER = 10
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_TIMED, _PLAIN = (b"SYLT", b"SLT"), b"ULT"
# The most that a stamp of LRC can say; no recording is as long.
_LATEST_MS = 59_999_999
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_FRAMES, _MILLISECONDS = 1, 2
# Other, lyrics, and what is spoken; the rest are chords, events, and addresses.
_WORDS = (0, 1, 2)


@dataclass(frozen=True)
class TimedText:
    """As a frame has it: texts and when each begins, in milliseconds or in frames of the stream."""

    language: str
    entries: Sequence[tuple[int, str]]
    is_in_frames: bool


@dataclass(frozen=True)
class PlainText:
    language: str
    text: str


def texts_of(file: BinaryIO) -> Iterator[TimedText | PlainText]:
    """Of all such frames of the tag that the file begins with."""
    file.seek(0)
    header = file.read(_HEADER)
    if len(header) < _HEADER or header[:3] != b"ID3" or header[3] not in (2, 3, 4):
        return
    major, flags = header[3], header[5]
    body = file.read(min(_seven_bits(header[6:10]), MAX_TAG_BYTES))
    if flags & _UNSYNCHRONISED and major < 4:
        body = _synchronised(body)
    if flags & _EXTENDED and major > 2:
        body = body[_extension(body, major) :]
    for name, content in _frames(body, major):
        found = _read_plain(content) if name == _PLAIN else _read(content)
        if found is not None:
            yield found


def lrc_of(text: TimedText, unit_ms: float) -> str:
    """The same as LRC. Where no entry has line breaks each is a line; else they begin lines, and the rest are words."""
    entries = [(min(round(time * unit_ms), _LATEST_MS), _with_one_break(words)) for time, words in text.entries]
    if not any("\n" in words for _, words in entries):
        return "\n".join(f"[{_stamp(time)}]{words}" for time, words in entries)
    lines: list[list[tuple[int, str]]] = []
    for time, words in entries:
        first, *others = words.split("\n")
        if first and lines:
            lines[-1].append((time, first))
        elif first:
            lines.append([(time, first)])
        lines += [[(time, other)] for other in others if other or len(others) == 1]
    return "\n".join(map(_line, [[entry for entry in line if entry[1]] for line in lines]))


def _with_one_break(text: str) -> str:
    """Of the line breaks of other systems."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(words: Sequence[tuple[int, str]]) -> str:
    if len(words) < 2:
        return "".join(f"[{_stamp(time)}]{text}" for time, text in words)
    return f"[{_stamp(words[0][0])}]" + "".join(f"<{_stamp(time)}>{text}" for time, text in words)


def _stamp(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1_000)
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{fraction:03d}"


def _frames(body: bytes, major: int) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents; packed and encrypted ones are left out."""
    letters, head = (3, 6) if major == 2 else (4, 10)
    place = 0
    while place + head <= len(body) and body[place]:
        name, sizes = body[place : place + letters], body[place + letters : place + 2 * letters]
        size = _seven_bits(sizes) if major == 4 else int.from_bytes(sizes, "big")
        flags = body[place + 9] if major > 2 else 0
        content = body[place + head : place + head + size]
        if len(content) == size and name in (*_TIMED, _PLAIN) and (plain := _plain(content, flags, major)) is not None:
            yield name, plain
        place += head + size


def _plain(content: bytes, flags: int, major: int) -> bytes | None:
    """Without what the frame's flags put before and into it (v2.3, section 3.3.1; v2.4, section 4.1.2)."""
    if major == 4:
        if flags & 0x0C:
            return None
        content = content[(1 if flags & 0x40 else 0) + (4 if flags & 0x01 else 0) :]
        return _synchronised(content) if flags & 0x02 else content
    if flags & 0xC0:
        return None
    return content[1 if flags & 0x20 else 0 :]


def _read(content: bytes) -> TimedText | None:
    """Encoding, language, unit, kind, a description, then texts with their times (v2.4, section 4.9)."""
    if len(content) < 6 or content[0] >= len(_ENCODINGS) or content[4] not in (_FRAMES, _MILLISECONDS):
        return None
    if content[5] not in _WORDS:
        return None
    wide = content[0] in (1, 2)
    texts = _Texts(content, 6, wide, _ENCODINGS[content[0]])
    texts.take()
    entries: list[tuple[int, str]] = []
    while len(entries) < MAX_ENTRIES and (text := texts.take()) is not None and (time := texts.take_time()) is not None:
        entries.append((time, text))
    language = content[1:4].decode("latin-1")
    return TimedText(language, entries, content[4] == _FRAMES) if entries else None


def _read_plain(content: bytes) -> PlainText | None:
    """Encoding, language, a description, and a text to the end (v2.2, section 4.9)."""
    if len(content) < 4 or content[0] > 1:
        return None
    wide = content[0] == 1
    texts = _Texts(content + bytes(2), 4, wide, _ENCODINGS[content[0]])
    texts.take()
    text = texts.take()
    return None if not text else PlainText(content[1:4].decode("latin-1"), text)


class _Texts:
    """Walks through texts that end with a zero of their encoding, and times behind them."""

    def __init__(self, data: bytes, place: int, wide: bool, encoding: str) -> None:
        self._data, self._place, self._wide, self._encoding = data, place, wide, encoding
        self._order = "utf-16-le"

    def take(self) -> str | None:
        end = self._end()
        if end is None:
            return None
        raw = self._data[self._place : end]
        self._place = end + (2 if self._wide else 1)
        return self._decoded(raw).lstrip("\ufeff")

    def take_time(self) -> int | None:
        if self._place + 4 > len(self._data):
            return None
        (time,) = struct.unpack_from(">I", self._data, self._place)
        self._place += 4
        return int(time)

    def _end(self) -> int | None:
        zero, step = (b"\x00\x00", 2) if self._wide else (b"\x00", 1)
        found = self._data.find(zero, self._place)
        while found >= 0 and (found - self._place) % step:
            found = self._data.find(zero, found + 1)
        return None if found < 0 else found

    def _decoded(self, raw: bytes) -> str:
        if self._encoding != "utf-16":
            return raw.decode(self._encoding, "replace")
        # Many programs write the mark of the byte order once, and mean it for all that follows.
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self._order = "utf-16-le" if raw[0] == 0xFF else "utf-16-be"
        return raw.decode(self._order, "replace")


def _extension(body: bytes, major: int) -> int:
    """How long the extended header is; in v2.3 its size does not count itself."""
    return _seven_bits(body[:4]) if major == 4 else 4 + int.from_bytes(body[:4], "big")


def _synchronised(data: bytes) -> bytes:
    """Without the zeros that keep players from taking tags for sound (v2.4, section 6.1)."""
    return data.replace(b"\xff\x00", b"\xff")


def _seven_bits(data: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(data)))
