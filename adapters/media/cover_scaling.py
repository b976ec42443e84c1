"""Covers made smaller, of pictures that were written here: a stranger's comes through `intake` first."""

import asyncio
import io

from PIL import Image

from adapters.media.cover import as_jpeg

QUALITY = 88
# Each holds the pixels of one cover.
AT_ONCE = 2


class CoverScaling:
    """Fits `domain.kit.pictures.PictureScaler`."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def scaled(self, picture: bytes, side: int) -> bytes:
        async with self._turns:
            return await asyncio.to_thread(_scaled, picture, side)


def _scaled(picture: bytes, side: int) -> bytes:
    with Image.open(io.BytesIO(picture)) as image:
        # a JPEG is read in an eighth, a quarter or a half of its size where that is enough
        image.draft("RGB", (side, side))
        return as_jpeg(image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS), QUALITY)
