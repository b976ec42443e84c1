"""Pictures that people bring."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

LEFT, RIGHT = (200, 40, 40), (40, 40, 200)


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 400), mode: str = "RGB", **options: Any) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, LEFT)
    image.paste(RIGHT, (size[0] // 2, 0, *size))
    file = io.BytesIO()
    (image.quantize() if mode == "P" else image.convert(mode)).save(file, kind, **options)
    return file.getvalue()


def turned(orientation: int) -> bytes:
    """A JPEG that says how it is to be turned, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a camera of Ada's"
    return picture("JPEG", exif=exif)


def png_of(width: int, height: int, rows: bytes) -> bytes:
    """A PNG that claims this size, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def colours(jpeg: bytes) -> list[tuple[int, ...]]:
    """At the middle of the left, top, right and bottom edge, rounded to tens."""
    image = Image.open(io.BytesIO(jpeg))
    side = image.width - 1
    places = ((0, side // 2), (side // 2, 0), (side, side // 2), (side // 2, side))
    found = [image.getpixel(place) for place in places]
    return [tuple(round(value / 10) * 10 for value in each) for each in found if isinstance(each, tuple)]
