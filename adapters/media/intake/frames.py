"""What goes through the pipe from the locked process: typed, bounded pieces. Pure."""

import struct
from collections.abc import Iterator
from typing import IO

HEADER = struct.Struct("<cI")
SAMPLES, COVER, REPORT, FAULT = b"S", b"C", b"R", b"F"

COVER_SIDE = 1024
FRAME_BYTES = 8
"""Two float32."""

LIMITS = {SAMPLES: 1 << 22, COVER: COVER_SIDE * COVER_SIDE * 3, REPORT: 1 << 16, FAULT: 1 << 12}


class ProtocolBroken(Exception):
    """The other side does not keep to the form, so nothing that it says counts."""


def framed(kind: bytes, payload: bytes) -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def pieces(pipe: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload until the pipe ends. Raises `ProtocolBroken`."""
    while header := pipe.read(HEADER.size):
        if len(header) < HEADER.size:
            raise ProtocolBroken("cut off")
        kind, size = HEADER.unpack(header)
        if size > LIMITS.get(kind, -1):
            raise ProtocolBroken(f"{kind!r} of {size} bytes")
        payload = pipe.read(size)
        if len(payload) < size:
            raise ProtocolBroken("cut off")
        yield kind, payload
