"""Files of one rendition in its working folder: opening, describing and removing them. Knows no format."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from domain.kit.audio.media import MediaFile, StorageFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def room_for(file_name: str) -> Iterator[None]:
    """Turns the system's 'no space left' into `StorageFull`; every other error passes."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull(file_name) from error
        raise


def described(path: Path, content_type: str) -> MediaFile:
    """Size and SHA-256 of a closed file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return MediaFile(path, content_type, path.stat().st_size, digest)


class WorkFolder:
    """A folder that remembers what was opened in it, so that an aborted rendition leaves nothing behind."""

    def __init__(self, path: Path) -> None:
        """Makes the folder if it is missing; then `clear` removes it as well."""
        self.path = path
        self._made = not path.exists()
        self._opened: dict[Path, BinaryIO] = {}
        with room_for(path.name):
            path.mkdir(parents=True, exist_ok=True)

    def create(self, name: str) -> BinaryIO:
        """Opens a file for writing and seeking. Raises `StorageFull`."""
        path = self.path / name
        with room_for(name):
            file = path.open("wb", buffering=1 << 18)
        self._opened[path] = file
        return file

    def save(self, name: str, data: bytes) -> Path:
        """Writes a whole file. Raises `StorageFull`."""
        with room_for(name), self.create(name) as file:
            file.write(data)
        return self.path / name

    def clear(self) -> None:
        """Removes every file opened here, and the folder if it was made for them and is empty now."""
        for path, file in self._opened.items():
            with suppress(OSError):
                file.close()
            path.unlink(missing_ok=True)
        self._opened.clear()
        if self._made and self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()
