"""The locked process for a single picture: `python -m adapters.media.intake.picture_child`, the file as standard input.

It writes pixels or a fault as the frames of `frames.py` to standard output.
"""

import io
import json
import os
from dataclasses import asdict
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from adapters.media.intake.frames import COVER, COVER_SIDE, FAULT, LOCKED, framed
from adapters.media.intake.lockdown import Bounds, lock
from domain.kit.pictures import LEAST_SIDE, MOST_PIXELS, PictureFault

# Of a picture of the most pixels with transparency there are three copies for a moment.
MEMORY = 512 << 20
FORMATS = ("JPEG", "PNG", "WEBP")
_BROKEN = (OSError, ValueError, SyntaxError, MemoryError, EOFError)

# Exif 2.32, 4.6.4: what is to be done with a picture so that its top is at the top.
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """The picture is no use; `fault` says why."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault)
        self.fault = fault


def main() -> None:
    source, pipe = os.fdopen(0, "rb"), os.fdopen(1, "wb", buffering=1 << 20)
    _rehearse()
    pipe.write(framed(LOCKED, json.dumps(asdict(lock(Bounds(memory=MEMORY)))).encode()))
    pipe.flush()
    try:
        pipe.write(framed(COVER, square_pixels(source)))
    except Refused as refused:
        _say(pipe, refused.fault)
    except Exception:
        _say(pipe, PictureFault.DAMAGED)
    pipe.flush()
    # Without the interpreter's farewell, which would want to do what is forbidden now.
    os._exit(0)


def square_pixels(source: BinaryIO) -> bytes:
    """RGB bytes of the middle square at 1024x1024; raises `Refused`."""
    try:
        with Image.open(source, formats=FORMATS) as image:
            _check_size(image)
            image.draft("RGB", (COVER_SIDE, COVER_SIDE))
            return _fitted(image).tobytes()
    except UnidentifiedImageError as error:
        raise Refused(PictureFault.NOT_A_PICTURE) from error
    except Image.DecompressionBombError as error:
        raise Refused(PictureFault.TOO_LARGE) from error
    except _BROKEN as error:
        raise Refused(PictureFault.DAMAGED) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Refused(PictureFault.TOO_LARGE)
    if min(image.size) < LEAST_SIDE:
        raise Refused(PictureFault.TOO_SMALL)


def _fitted(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    small = ImageOps.fit(plain, (COVER_SIDE, COVER_SIDE), Image.Resampling.LANCZOS)
    turned = _turned(small, image.getexif().get(_ORIENTATION, 1))
    if turned.mode != "RGBA":
        return turned
    paper = Image.new("RGB", turned.size, "white")
    paper.paste(turned, mask=turned.getchannel("A"))
    return paper


def _turned(square: Image.Image, orientation: object) -> Image.Image:
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return square if turn is None else square.transpose(turn)


def _rehearse() -> None:
    """Pictures in all formats, because libraries load parts of themselves at first use."""
    for kind in FORMATS:
        file = io.BytesIO()
        Image.new("RGBA" if kind != "JPEG" else "RGB", (LEAST_SIDE, LEAST_SIDE)).save(file, kind)
        file.seek(0)
        square_pixels(file)


def _say(pipe: BinaryIO, fault: PictureFault) -> None:
    pipe.write(framed(FAULT, json.dumps({"code": fault}).encode()))


if __name__ == "__main__":
    main()
