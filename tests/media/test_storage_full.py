"""A disk without room: the kernel's own full device stands in for one of the files."""

import os
from pathlib import Path

import pytest

from adapters.media.studio import FfmpegStudio
from adapters.media.twin import FastStudio
from domain.kit.audio.media import RenditionWriter, StorageFull
from tests.media.music import SAMPLE_RATE, TAGS, Piece, chunks, played
from tests.media.writing import written

FULL_DEVICE = Path("/dev/full")


def written_until_full(writer: RenditionWriter) -> StorageFull:
    with pytest.raises(StorageFull) as failure:
        _write_song(writer)
    return failure.value


def _write_song(writer: RenditionWriter) -> None:
    for chunk in chunks(played(Piece(seconds=12.0))):
        written(writer, chunk, {"bass": chunk})
    writer.end()
    writer.files()


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this kernel has no full device")
@pytest.mark.parametrize("name", ["master.flac", "download.mp3", "stem-bass.flac", "waveform-1024.json", "cover.jpg"])
def test_a_full_disk_is_a_typed_error_and_abort_leaves_nothing(tmp_path: Path, name: str) -> None:
    os.symlink(FULL_DEVICE, tmp_path / name)
    writer = FfmpegStudio().open(tmp_path, TAGS, ["bass"])

    error = written_until_full(writer)
    writer.abort()

    assert error == StorageFull(name)
    assert error.message == f"There is no room left on the disk to write {name}."
    assert list(tmp_path.iterdir()) == []
    assert FULL_DEVICE.exists()


def test_the_twin_runs_full_where_it_is_told_to(tmp_path: Path) -> None:
    writer = FastStudio(full_after_frames=5 * SAMPLE_RATE).open(tmp_path / "song", TAGS, ["bass"])

    error = written_until_full(writer)
    writer.abort()

    assert error.code == "STORAGE_FULL"
    assert list(tmp_path.iterdir()) == []
