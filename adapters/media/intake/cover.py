"""The picture inside an audio file as plain pixels, so that nobody outside the locked process parses it."""

import io

from PIL import Image, ImageOps

from adapters.media.intake.frames import COVER_SIDE

_MAX_PIXELS = 24_000_000
_SMALLEST_SIDE = 64


def pixels_of(picture: bytes) -> bytes | None:
    """RGB bytes of the picture's middle square at 1024x1024; None for what is no sound JPEG or PNG of sane size."""
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > _MAX_PIXELS or min(image.size) < _SMALLEST_SIDE:
                return None
            image.draft("RGB", (COVER_SIDE, COVER_SIDE))
            fitted = ImageOps.fit(image.convert("RGB"), (COVER_SIDE, COVER_SIDE), Image.Resampling.LANCZOS)
            return fitted.tobytes()
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return None
