"""The ID3v2.4 tag of an MP3 file, read and written anew (id3.org, "ID3 tag version 2.4.0" structure and frames)."""

from collections.abc import Iterator

from adapters.media.languages import three_letters
from adapters.media.tags import MAKING, field_texts
from domain.kit.audio.file_tags import FileTags, HeadIncomplete, NewHead

_HEADER, _UTF8 = 10, b"\x03"
_FRONT_COVER, _MILLISECONDS, _LYRICS = b"\x03", b"\x02", b"\x01"
_ROOM = 4_096
_OURS = frozenset({b"TIT2", b"TPE1", b"TCON", b"TBPM", b"TKEY", b"COMM", b"USLT", b"SYLT"})
_OUR_TEXTS = frozenset({"BPM", "KEY"})


def id3_head(beginning: bytes, tags: FileTags) -> NewHead:
    """Frames that say something else stay as they are. Raises `HeadIncomplete`, and ValueError for another version."""
    old, replaced = _frames(beginning)
    kept = [_frame(name, body) for name, body in old if not _is_ours(name, body, tags)]
    body = b"".join([*_said(tags), *kept]) + bytes(_ROOM)
    return NewHead(b"ID3\x04\x00\x00" + _syncsafe(len(body)) + body, replaced)


def _frames(beginning: bytes) -> tuple[list[tuple[bytes, bytes]], int]:
    """Name and body of each frame, and where the audio begins; none and 0 of a file without a tag."""
    if beginning[:3] != b"ID3":
        return [], 0
    if beginning[3:6] != b"\x04\x00\x00":
        raise ValueError("This tag is not a plain one of version 2.4.")
    end = _HEADER + _from_syncsafe(beginning[6:10])
    if end > len(beginning):
        raise HeadIncomplete(end)
    return list(_each(beginning[_HEADER:end])), end


def _each(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + _HEADER <= len(body) and body[place]:
        size = _from_syncsafe(body[place + 4 : place + 8])
        if body[place + 8 : place + 10] != b"\x00\x00" or place + _HEADER + size > len(body):
            raise ValueError("A frame of the tag is damaged or packed.")
        yield body[place : place + 4], body[place + _HEADER : place + _HEADER + size]
        place += _HEADER + size


def _is_ours(name: bytes, body: bytes, tags: FileTags) -> bool:
    if name == b"APIC":
        return tags.cover is not None
    if name == b"TXXX":
        gone = _OUR_TEXTS if tags.tells_making else _OUR_TEXTS | MAKING
        return body[1:].partition(b"\x00")[0].decode("latin-1").upper() in gone
    return name in _OURS


def _said(tags: FileTags) -> Iterator[bytes]:
    texts = field_texts(tags)
    for name, field in ((b"TIT2", "TITLE"), (b"TPE1", "ARTIST"), (b"TCON", "GENRE"), (b"TKEY", "INITIALKEY")):
        if field in texts:
            yield _frame(name, _UTF8 + texts[field].encode())
    if tags.bpm > 0:
        yield _frame(b"TBPM", _UTF8 + str(round(tags.bpm)).encode())
    for field in ("BPM", "KEY"):
        if field in texts:
            yield _frame(b"TXXX", _UTF8 + field.encode() + b"\x00" + texts[field].encode())
    if "COMMENT" in texts:
        yield _frame(b"COMM", _UTF8 + b"eng\x00" + texts["COMMENT"].encode())
    yield from _sung(tags)
    if tags.cover is not None:
        yield _frame(b"APIC", b"\x00image/jpeg\x00" + _FRONT_COVER + b"\x00" + tags.cover)


def _sung(tags: FileTags) -> Iterator[bytes]:
    """USLT (section 4.8), and SYLT with a stamp for each line, which begins with a line break (4.9)."""
    language = three_letters(tags.language).encode()
    if tags.lyrics:
        yield _frame(b"USLT", _UTF8 + language + b"\x00" + tags.lyrics.encode())
    if tags.timed_lyrics:
        lines = b"".join(
            b"\n" + line.text.encode() + b"\x00" + line.start_ms.to_bytes(4, "big") for line in tags.timed_lyrics
        )
        yield _frame(b"SYLT", _UTF8 + language + _MILLISECONDS + _LYRICS + b"\x00" + lines)


def _frame(name: bytes, body: bytes) -> bytes:
    return name + _syncsafe(len(body)) + b"\x00\x00" + body


def _syncsafe(value: int) -> bytes:
    return bytes((value >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _from_syncsafe(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))
