"""Puts a JPEG into the padding that a finished FLAC or MP3 reserved for it, so that no audio is copied."""

import struct
from pathlib import Path
from typing import BinaryIO

_FRONT_COVER = 3
_FLAC_PADDING, _FLAC_PICTURE, _FLAC_LAST = 1, 6, 0x80


def embed_in_flac(path: Path, jpeg: bytes, side: int) -> None:
    """Splits the PADDING block into PICTURE and PADDING (RFC 9639, sections 8.3 and 8.8).

    `side` is the picture's width and height in pixels. Raises ValueError when the file has no room for it.
    """
    mime = b"image/jpeg"
    picture = struct.pack(">II", _FRONT_COVER, len(mime)) + mime
    picture += struct.pack(">IIIIII", 0, side, side, 24, 0, len(jpeg)) + jpeg
    with path.open("r+b") as file:
        offset, room = _flac_padding(file)
        spare = room - len(picture) - 4
        if spare < 0:
            raise ValueError(f"{path.name} reserves {room} bytes, the picture needs {len(picture) + 4}.")
        file.seek(offset)
        file.write(_flac_header(_FLAC_PICTURE, len(picture)) + picture)
        file.write(_flac_header(_FLAC_PADDING | _FLAC_LAST, spare))


def embed_in_mp3(path: Path, jpeg: bytes) -> None:
    """Writes an APIC frame behind the last frame of the ID3v2.4 tag (id3.org, sections 4 and 4.14).

    Raises ValueError when the file has no such tag or no room for the frame.
    """
    body = b"\x00image/jpeg\x00" + bytes([_FRONT_COVER]) + b"\x00" + jpeg
    frame = b"APIC" + _syncsafe(len(body)) + b"\x00\x00" + body
    with path.open("r+b") as file:
        offset, room = _id3_padding(file)
        if len(frame) > room:
            raise ValueError(f"{path.name} reserves {room} bytes, the picture needs {len(frame)}.")
        file.seek(offset)
        file.write(frame)


def _flac_header(kind: int, length: int) -> bytes:
    return bytes([kind]) + length.to_bytes(3, "big")


def _flac_padding(file: BinaryIO) -> tuple[int, int]:
    """Offset and room of the PADDING block that ends the metadata."""
    if file.read(4) != b"fLaC":
        raise ValueError("This is not a FLAC file.")
    while True:
        offset = file.tell()
        header = file.read(4)
        length = int.from_bytes(header[1:], "big")
        if header[0] & _FLAC_LAST:
            break
        file.seek(length, 1)
    if header[0] & ~_FLAC_LAST != _FLAC_PADDING:
        return offset, 0
    return offset, length


def _id3_padding(file: BinaryIO) -> tuple[int, int]:
    """Offset and size of the zeros behind the tag's last frame."""
    header = file.read(10)
    if header[:4] != b"ID3\x04":
        raise ValueError("This file does not begin with an ID3v2.4 tag.")
    end = 10 + _from_syncsafe(header[6:10])
    offset = 10
    while offset < end:
        file.seek(offset)
        frame = file.read(10)
        if frame[0] == 0:
            break
        offset += 10 + _from_syncsafe(frame[4:8])
    return offset, end - offset


def _syncsafe(value: int) -> bytes:
    return bytes((value >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _from_syncsafe(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))
