"""A disk without room: the kernel's own full device stands in for every new temporary file."""

import os
import tempfile
from pathlib import Path
from typing import Final

import pytest

FULL_DEVICE: Final = Path("/dev", "full")


def put_files_on_the_full_device(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on `tempfile.mkstemp` opens the full device and names a file in `folder` as its path."""

    def full(prefix: str) -> tuple[int, str]:
        path = folder / prefix
        path.touch()
        return os.open(FULL_DEVICE, os.O_RDWR), str(path)

    monkeypatch.setattr(tempfile, "mkstemp", full)
