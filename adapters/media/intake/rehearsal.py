"""A dry run before the lock: libraries load parts of themselves at first use, which will be forbidden."""

import io
import struct

from PIL import Image

from adapters.media.intake.cover import pixels_of
from adapters.media.intake.decoding import Decoder
from adapters.media.intake.sniff import sniff

_RATE, _FRAMES, _SIDE = 8_000, 4_000, 64


def rehearse() -> None:
    """Decodes half a second of silence at another rate, and pictures in both formats."""
    wav = _wav()
    for _ in Decoder(io.BytesIO(wav), sniff(io.BytesIO(wav)), len(wav), 1.0).blocks():
        pass
    for kind in ("JPEG", "PNG"):
        file = io.BytesIO()
        Image.new("RGB", (_SIDE, _SIDE)).save(file, kind)
        pixels_of(file.getvalue())


def _wav() -> bytes:
    data = bytes(2 * _FRAMES)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, 2 * _RATE, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body
