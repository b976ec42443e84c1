"""Log files of the children: rotated when a process is first started, bounded while it runs, tailed for messages."""

import os
import shutil
from pathlib import Path

MAX_BYTES = 8 * 1024 * 1024


def rotate(path: Path) -> None:
    """Keep the log of the run before as NAME.log.1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(_previous(path))


def bound(path: Path, max_bytes: int = MAX_BYTES) -> None:
    """Copy a grown log to NAME.log.1 and empty it; its writer appends, so it goes on at the new end."""
    if path.exists() and path.stat().st_size > max_bytes:
        shutil.copyfile(path, _previous(path))
        os.truncate(path, 0)


def last_line(path: Path) -> str:
    """The last line that says something, at most 300 characters, or an empty string."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    told = [line.strip() for line in lines if any(char.isalnum() for char in line)]
    return told[-1][:300] if told else ""


def _previous(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")
