"""ID3v2 tags for tests, written by hand after the standard, so that no reader is tested with its own writer."""

import struct
from collections.abc import Sequence


def syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 127 for shift in (21, 14, 7, 0))


def with_id3(file: bytes, *frames: tuple[bytes, bytes], major: int = 4, is_unsynchronised: bool = False) -> bytes:
    """The file behind a tag of these names and contents, in place of one that it has."""
    body = b"".join(frame(name, content, major) for name, content in frames)
    if is_unsynchronised:
        body = body.replace(b"\xff", b"\xff\x00")
    head = b"ID3" + bytes([major, 0, 0x80 if is_unsynchronised else 0]) + syncsafe(len(body))
    return head + body + (file[file.index(b"\xff\xfb") :] if file[:3] == b"ID3" else file)


def frame(name: bytes, content: bytes, major: int = 4) -> bytes:
    if major == 2:
        return name + len(content).to_bytes(3, "big") + content
    size = syncsafe(len(content)) if major == 4 else struct.pack(">I", len(content))
    return name + size + b"\x00\x00" + content


def uslt(text: str, language: bytes = b"eng", encoding: int = 3) -> bytes:
    codec, zero = ("latin-1", "utf-16", "utf-16-be", "utf-8")[encoding], bytes(2 if encoding in (1, 2) else 1)
    head = "".encode(codec)
    return bytes([encoding]) + language + head + zero + text.encode(codec)


def sylt(
    entries: Sequence[tuple[int, str]],
    language: bytes = b"eng",
    encoding: int = 3,
    *,
    unit: int = 2,
    kind: int = 1,
    has_one_mark: bool = False,
) -> bytes:
    """`has_one_mark`: of the byte order, in UTF-16, at the description alone."""
    codec, zero = ("latin-1", "utf-16", "utf-16-be", "utf-8")[encoding], bytes(2 if encoding in (1, 2) else 1)
    words = "utf-16-le" if has_one_mark else codec
    said = b"".join(text.encode(words) + zero + struct.pack(">I", time) for time, text in entries)
    return bytes([encoding]) + language + bytes([unit, kind]) + "".encode(codec) + zero + said
