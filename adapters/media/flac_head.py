"""The metadata blocks of a FLAC file, read and written anew (RFC 9639, section 8)."""

import struct
from collections.abc import Iterator, Sequence

from adapters.media.tags import MAKING, field_texts
from domain.kit.audio.file_tags import FileTags, HeadIncomplete, NewHead

_MAGIC = b"fLaC"
_STREAMINFO, _PADDING, _COMMENT, _PICTURE, _LAST = 0, 1, 4, 6, 0x80
_FRONT_COVER = 3
# So that who changes a tag at home need not move the audio.
_ROOM = 4_096
_MOST_BYTES = (1 << 24) - 1
# What is said anew. Comments in FFmpeg's files are under DESCRIPTION, and stay.
_OURS = frozenset({"TITLE", "ARTIST", "GENRE", "BPM", "INITIALKEY", "KEY", "COMMENT", "LYRICS", "SYNCEDLYRICS"})


def flac_head(beginning: bytes, tags: FileTags) -> NewHead:
    """All blocks but comments, picture and padding stay as they are. Raises `HeadIncomplete` and ValueError."""
    blocks, replaced = _blocks(beginning)
    vendor, fields = _comments(next((data for kind, data in blocks if kind == _COMMENT), b"\x00" * 8))
    gone = _OURS if tags.tells_making else _OURS | MAKING
    kept = [field for field in fields if field.partition("=")[0].upper() not in gone]
    said = [*kept, *(f"{name}={text}" for name, text in _said(tags).items())]
    dropped = {_COMMENT, _PADDING} | ({_PICTURE} if tags.cover is not None else set())
    new = [*((kind, data) for kind, data in blocks if kind not in dropped), (_COMMENT, _written(vendor, said))]
    if tags.cover is not None:
        new.append((_PICTURE, _picture(tags.cover, tags.cover_side)))
    return NewHead(_joined([*new, (_PADDING, bytes(_ROOM))]), replaced)


def _said(tags: FileTags) -> dict[str, str]:
    return {
        **field_texts(tags),
        **({"LYRICS": tags.lyrics} if tags.lyrics else {}),
        **({"SYNCEDLYRICS": tags.lrc} if tags.lrc else {}),
    }


def _blocks(beginning: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """The blocks, and where the audio begins."""
    if beginning[:4] != _MAGIC:
        raise ValueError("This is not a FLAC file.")
    blocks, place, is_last = [], 4, False
    while not is_last:
        header = _part(beginning, place, 4)
        is_last, kind = bool(header[0] & _LAST), header[0] & ~_LAST
        size = int.from_bytes(header[1:], "big")
        blocks.append((kind, _part(beginning, place + 4, size)))
        place += 4 + size
    if blocks[0][0] != _STREAMINFO:
        raise ValueError("The file does not begin with its stream's properties.")
    return blocks, place


def _part(data: bytes, place: int, size: int) -> bytes:
    if place + size > len(data):
        raise HeadIncomplete(place + size)
    return data[place : place + size]


def _comments(data: bytes) -> tuple[bytes, list[str]]:
    """The writer's name and the fields (section 8.6). Raises ValueError."""
    try:
        pieces = list(_pieces(data))
        return pieces[0], [piece.decode() for piece in pieces[1:]]
    except (struct.error, IndexError) as error:
        raise ValueError("The file's comments are damaged.") from error


def _pieces(data: bytes) -> Iterator[bytes]:
    size = struct.unpack_from("<I", data)[0]
    yield data[4 : 4 + size]
    place, count = 8 + size, struct.unpack_from("<I", data, 4 + size)[0]
    for _ in range(count):
        size = struct.unpack_from("<I", data, place)[0]
        yield data[place + 4 : place + 4 + size]
        place += 4 + size


def _written(vendor: bytes, fields: Sequence[str]) -> bytes:
    encoded = [field.encode() for field in fields]
    parts = [struct.pack("<I", len(vendor)), vendor, struct.pack("<I", len(encoded))]
    for field in encoded:
        parts += [struct.pack("<I", len(field)), field]
    return b"".join(parts)


def _picture(jpeg: bytes, side: int) -> bytes:
    """Section 8.8."""
    mime = b"image/jpeg"
    head = struct.pack(">II", _FRONT_COVER, len(mime)) + mime
    return head + struct.pack(">IIIIII", 0, side, side, 24, 0, len(jpeg)) + jpeg


def _joined(blocks: Sequence[tuple[int, bytes]]) -> bytes:
    parts = [_MAGIC]
    for place, (kind, data) in enumerate(blocks, start=1):
        if len(data) > _MOST_BYTES:
            raise ValueError(f"A block of {len(data):,} bytes is more than FLAC can hold.")
        last = _LAST if place == len(blocks) else 0
        parts += [bytes([kind | last]), len(data).to_bytes(3, "big"), data]
    return b"".join(parts)
