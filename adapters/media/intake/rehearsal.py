"""A dry run before the lock: libraries load parts of themselves at first use, which will be forbidden."""

import io
import struct

from PIL import Image

from adapters.media.intake.cover import pixels_of
from adapters.media.intake.decoding import Decoder
from adapters.media.intake.id3 import texts_of
from adapters.media.intake.sniff import sniff

_RATE, _FRAMES, _SIDE = 8_000, 4_000, 64


def rehearse() -> None:
    """Decodes half a second of silence at another rate, pictures in both formats, and text in all encodings."""
    wav = _wav()
    for _ in Decoder(io.BytesIO(wav), sniff(io.BytesIO(wav)), len(wav), 1.0).blocks():
        pass
    for kind in ("JPEG", "PNG"):
        file = io.BytesIO()
        Image.new("RGB", (_SIDE, _SIDE)).save(file, kind)
        pixels_of(file.getvalue())
    for _ in texts_of(io.BytesIO(_tag())):
        pass


def _wav() -> bytes:
    data = bytes(2 * _FRAMES)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, 2 * _RATE, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _tag() -> bytes:
    """A tag with words in each of its four encodings."""
    texts = [b"\x00a\x00", b"\x01\xff\xfea\x00\x00\x00", b"\x02\x00a\x00\x00", b"\x03a\x00"]
    bodies = [text[:1] + b"eng\x02\x01" + 2 * (text[1:] + bytes(4)) for text in texts]
    frames = b"".join(b"SYLT" + bytes([0, 0, 0, len(body), 0, 0]) + body for body in bodies)
    return b"ID3\x04\x00\x00" + bytes([0, 0, len(frames) >> 7, len(frames) & 127]) + frames
