"""Audio on disk."""

import errno
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from tests.renderer.full_disk import FULL_DEVICE, put_files_on_the_full_device
from triton_models.renderer.audio import blocks
from triton_models.renderer.errors import StorageFullError
from triton_models.renderer.spool import AudioSpool


def test_what_was_written_is_read_back_and_gaps_are_silent() -> None:
    block = np.arange(20, dtype=np.float32).reshape(10, 2)
    with AudioSpool() as spool:
        spool.write(5, block)

        read = spool.read(0, 20)

    assert np.array_equal(read[5:15], block)
    assert not read[:5].any()
    assert not read[15:].any()


def test_a_transposed_view_and_an_empty_block_can_be_written() -> None:
    planar = np.arange(6, dtype=np.float32).reshape(2, 3)
    with AudioSpool() as spool:
        spool.write(0, planar.T)
        spool.write(3, np.zeros((0, 2), np.float32))

        assert np.array_equal(spool.read(0, 3), planar.T)


def test_no_file_is_left_or_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with AudioSpool() as spool:
        spool.write(0, np.ones((4, 2), np.float32))

        assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this kernel has no full device")
def test_a_full_disk_has_a_code_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_files_on_the_full_device(tmp_path, monkeypatch)

    with AudioSpool() as spool, pytest.raises(StorageFullError) as failure:
        spool.write(0, np.ones((4, 2), np.float32))

    assert str(failure.value) == "STORAGE_FULL: there is no room left on the disk for the rendering"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_without_room_for_a_new_file_is_full_too(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(prefix: str) -> tuple[int, str]:
        raise OSError(number, prefix)

    monkeypatch.setattr(tempfile, "mkstemp", refuse)

    with pytest.raises(StorageFullError):
        AudioSpool()


def test_another_failure_of_the_disk_stays_what_it_is() -> None:
    spool = AudioSpool()
    spool.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        spool.write(0, np.ones((4, 2), np.float32))


@pytest.mark.parametrize("frames", [1, 99, 100, 101, 199, 200, 1234])
def test_blocks_cover_all_frames_and_only_an_only_block_is_short(frames: int) -> None:
    parts = blocks(frames, 100)

    covered = [frame for start, length in parts for frame in range(start, start + length)]
    assert covered == list(range(frames))
    assert len(parts) == 1 or min(length for _, length in parts) >= 100
