"""RIFF chunks of a SoundFont: splitting a file into its named chunks and putting them together again."""

import struct

from model_export.soundfont.errors import SoundFontError

_HEADER = struct.Struct("<4sI")


def read_chunks(data: memoryview) -> dict[bytes, memoryview]:
    """Split a run of chunks into {chunk id: body}; a LIST is keyed by its list type and loses that prefix.

    Chunks are word-aligned by the standard, but some SF3 writers leave the padding byte out, so a pad is
    skipped only when it is there. Raises SoundFontError when a chunk runs past its container.
    """
    chunks: dict[bytes, memoryview] = {}
    at = 0
    while at + _HEADER.size <= len(data):
        name, size = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        if at + size > len(data):
            raise SoundFontError(f"chunk {name!r} claims {size} bytes but only {len(data) - at} are left")
        body = data[at : at + size]
        if name == b"LIST":
            name, body = bytes(body[:4]), body[4:]
        chunks[name] = body
        at += size
        if size % 2 and at < len(data) and data[at] == 0:
            at += 1
    return chunks


def read_soundfont(data: bytes) -> dict[bytes, dict[bytes, memoryview]]:
    """Split a SoundFont into {b"INFO" | b"sdta" | b"pdta": {chunk id: body}}."""
    view = memoryview(data)
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise SoundFontError("not a SoundFont: no RIFF sfbk header")
    lists = read_chunks(view[12:])
    for name in (b"INFO", b"sdta", b"pdta"):
        if name not in lists:
            raise SoundFontError(f"not a SoundFont: no {name.decode()} list")
    return {name: read_chunks(body) for name, body in lists.items()}


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk with its header; an odd body gains a zero that counts, which every reader understands."""
    padded = body + b"\0" * (len(body) % 2)
    return _HEADER.pack(name, len(padded)) + padded


def list_chunk(name: bytes, chunks: dict[bytes, bytes]) -> bytes:
    """A LIST of chunks in the order given."""
    return chunk(b"LIST", name + b"".join(chunk(key, body) for key, body in chunks.items()))


def riff(lists: list[bytes]) -> bytes:
    """A whole SoundFont file from its lists."""
    return chunk(b"RIFF", b"sfbk" + b"".join(lists))
