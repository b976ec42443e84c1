"""A ZIP archive that is written as a stream: what is finished is taken away while the rest is still to come. Pure.

The target cannot seek, so sizes and checksums follow the bytes of each file (data descriptors), with ZIP64 throughout.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

MANIFEST = "manifest.json"


class _Outgoing(io.RawIOBase):
    """What the archive has written and nobody has taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)


class ArchiveWriter:
    """One file after the other. What is compressed already is stored as it is, and texts are deflated."""

    def __init__(self, made_at: datetime) -> None:
        self._made_at = made_at
        self._out = _Outgoing()
        self._zip = zipfile.ZipFile(self._out, "w", allowZip64=True)
        self._entries: list[Mapping[str, Any]] = []

    @property
    def waiting_bytes(self) -> int:
        return len(self._out.waiting)

    def take(self, size_bytes: int) -> bytes:
        """The next bytes of the archive, at most so many."""
        taken = bytes(self._out.waiting[:size_bytes])
        del self._out.waiting[:size_bytes]
        return taken

    def open(self, path: str, *, is_text: bool = False) -> "ArchiveFile":
        return ArchiveFile(self, path, zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED)

    def put_json(self, path: str, fields: object) -> None:
        self.put_text(path, json.dumps(fields, indent=2, default=_plain, ensure_ascii=False))

    def put_text(self, path: str, text: str) -> None:
        file = self.open(path, is_text=True)
        file.write(text.encode())
        file.close()

    def leave_out(self, path: str) -> None:
        """Notes that a file was not there any more."""
        self._entries.append({"path": path, "isMissing": True})

    def close(self) -> None:
        """Writes the manifest, which names every other file with its size and SHA-256, and the directory."""
        files = list(self._entries)
        self.put_json(MANIFEST, {"madeAt": self._made_at, "files": files})
        self._zip.close()


class ArchiveFile:
    """A file of an archive while it is written; no other is opened before it is closed."""

    def __init__(self, archive: ArchiveWriter, path: str, compression: int) -> None:
        self._archive = archive
        self._path = path
        self._digest, self._size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(path, archive._made_at.timetuple()[:6])
        info.compress_type = compression
        self._target = archive._zip.open(info, "w", force_zip64=True)

    def write(self, data: bytes) -> None:
        self._target.write(data)
        self._digest.update(data)
        self._size += len(data)

    def close(self) -> None:
        self._target.close()
        entry = {"path": self._path, "sizeBytes": self._size, "sha256": self._digest.hexdigest()}
        self._archive._entries.append(entry)


def _plain(value: object) -> object:
    """Times as RFC 3339; anything else that JSON does not know as its text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
