"""What goes through the pipe from the locked process: typed, bounded pieces. Pure."""

import struct
from collections.abc import Iterator
from typing import IO

HEADER = struct.Struct("<cI")
LOCKED, SAMPLES, COVER, LYRICS, REPORT, FAULT = b"L", b"S", b"C", b"W", b"R", b"F"

COVER_SIDE = 1024
FRAME_BYTES = 8
"""Two float32."""

MAX_TEXTS = 8
"""Of lyrics, each as long as the port allows, with six bytes for a control character."""

LIMITS = {
    LOCKED: 1 << 10,
    SAMPLES: 1 << 22,
    COVER: COVER_SIDE * COVER_SIDE * 3,
    LYRICS: 1 << 19,
    REPORT: 1 << 16,
    FAULT: 1 << 12,
}


class ProtocolBroken(Exception):
    """The other side does not keep to the form, so nothing that it says counts."""


def framed(kind: bytes, payload: bytes) -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def pieces(pipe: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload until the pipe ends, a piece that is cut off left out. Raises `ProtocolBroken`."""
    while len(header := pipe.read(HEADER.size)) == HEADER.size:
        kind, size = HEADER.unpack(header)
        if size > LIMITS.get(kind, -1):
            raise ProtocolBroken(f"{kind!r} of {size} bytes")
        payload = pipe.read(size)
        if len(payload) < size:
            return
        yield kind, payload
