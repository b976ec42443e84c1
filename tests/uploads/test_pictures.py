"""What the locked process makes of pictures, and what it refuses."""

import io
from pathlib import Path

import pytest
from PIL import Image

from adapters.media.intake.pictures import SandboxedPictures
from domain.kit.errors import DependencyUnavailable
from domain.kit.pictures import PictureFault, UnusablePicture
from tests.uploads.pictures import LEFT, RIGHT, colours, picture, png_of, turned

Colour = tuple[int, int, int]


async def square(data: bytes, folder: Path, seconds: float = 30.0) -> bytes:
    path = folder / "picture"
    path.write_bytes(data)
    return await SandboxedPictures(seconds).square(path)


@pytest.mark.parametrize(
    "data",
    [
        picture("PNG"),
        picture("JPEG", quality=95),
        picture("JPEG", size=(3000, 2000), progressive=True),
        picture("WEBP"),
        picture("WEBP", lossless=True, mode="RGBA"),
        picture("PNG", mode="P"),
        picture("PNG", mode="RGBA", size=(5000, 4800)),
    ],
    ids=["png", "jpeg", "large progressive jpeg", "webp", "lossless webp", "palette", "24 megapixels"],
)
async def test_the_middle_square_is_kept(data: bytes, tmp_path: Path) -> None:
    jpeg = await square(data, tmp_path)
    image = Image.open(io.BytesIO(jpeg))
    assert (image.format, image.size, image.mode) == ("JPEG", (1024, 1024), "RGB")
    left, _, right, _ = colours(jpeg)
    assert (left, right) == (LEFT, RIGHT)


@pytest.mark.parametrize(
    ("orientation", "left", "top", "right"),
    [
        (1, LEFT, None, RIGHT),
        (2, RIGHT, None, LEFT),
        (3, RIGHT, None, LEFT),
        (6, None, LEFT, None),
        (8, None, RIGHT, None),
    ],
)
async def test_a_picture_is_turned_as_it_was_taken_and_says_nothing_of_that_any_more(
    orientation: int,
    left: tuple[int, ...] | None,
    top: tuple[int, ...] | None,
    right: tuple[int, ...] | None,
    tmp_path: Path,
) -> None:
    data = turned(orientation)
    assert b"a camera of Ada's" in data
    jpeg = await square(data, tmp_path)
    image = Image.open(io.BytesIO(jpeg))
    assert (dict(image.getexif()), sorted(image.info)) == ({}, ["jfif", "jfif_density", "jfif_unit", "jfif_version"])
    shown = colours(jpeg)
    for wanted, found in zip((left, top, right), shown, strict=False):
        assert wanted is None or wanted == found


async def test_one_sees_white_through_a_picture(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (400, 400), (0, 0, 0, 0)).save(file, "PNG")
    assert set(colours(await square(file.getvalue(), tmp_path))) == {(260, 260, 260)}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", PictureFault.NOT_A_PICTURE),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", PictureFault.NOT_A_PICTURE),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
            PictureFault.NOT_A_PICTURE,
        ),
        (picture("GIF"), PictureFault.NOT_A_PICTURE),
        (picture("BMP"), PictureFault.NOT_A_PICTURE),
        (picture("PNG")[:-200], PictureFault.DAMAGED),
        (picture("JPEG")[:800], PictureFault.DAMAGED),
        (picture("WEBP")[:100], PictureFault.DAMAGED),
        (picture("PNG", size=(299, 4000)), PictureFault.TOO_SMALL),
        (png_of(30_000, 30_000, bytes(1000)), PictureFault.TOO_LARGE),
        (png_of(5_000, 4_801, bytes(1000)), PictureFault.TOO_LARGE),
        (png_of(4_000, 4_000, bytes(1000)), PictureFault.DAMAGED),
    ],
    ids=[
        *("empty", "sound", "svg", "gif", "bmp", "cut off png", "cut off jpeg", "cut off webp", "narrow"),
        *("bomb", "a little too large", "a lying header"),
    ],
)
async def test_what_is_no_use_is_told_apart(data: bytes, fault: PictureFault, tmp_path: Path) -> None:
    with pytest.raises(UnusablePicture) as refused:
        await square(data, tmp_path)
    assert refused.value.fault is fault


async def test_a_process_that_takes_too_long_is_not_the_pictures_fault(tmp_path: Path) -> None:
    with pytest.raises(DependencyUnavailable):
        await square(picture(), tmp_path, seconds=0.01)
