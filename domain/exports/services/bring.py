"""Bringing an archive to storage in parts, while it is written."""

from domain.exports.archive import ArchiveWriter
from domain.exports.model import part_bytes
from domain.kit.blob_intake import BlobIntake, ReceivedPart


class ArchiveBringer:
    """Holds no more than one part, which grows from 8 to 80 MiB with their number."""

    def __init__(self, intake: BlobIntake, key: str, gathering: str) -> None:
        self._intake = intake
        self._key = key
        self._gathering = gathering
        self._parts: list[ReceivedPart] = []

    async def bring(self, writer: ArchiveWriter, *, is_all: bool = False) -> None:
        """Takes what makes whole parts; once the archive is closed, the rest as well."""
        while writer.waiting_bytes >= self._next_bytes or (is_all and writer.waiting_bytes):
            data = writer.take(self._next_bytes)
            number = len(self._parts) + 1
            self._parts.append(await self._intake.put_part(self._key, self._gathering, number, data))

    async def finish(self) -> int:
        """Makes the parts the object; returns its size in bytes."""
        await self._intake.join_parts(self._key, self._gathering, self._parts)
        return sum(part.size_bytes for part in self._parts)

    @property
    def _next_bytes(self) -> int:
        return part_bytes(len(self._parts) + 1)
