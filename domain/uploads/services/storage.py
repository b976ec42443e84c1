"""What an upload has in storage before it is a track: parts, an object, and what may still arrive."""

import structlog

from domain.kit.blob_intake import BlobIntake
from domain.kit.blobs import BlobStore
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.uploads.model import Part, Upload

log = structlog.get_logger()


class UploadStorage:
    """Asks storage itself what has arrived, because nobody else knows."""

    def __init__(self, intake: BlobIntake, blobs: BlobStore) -> None:
        self._intake = intake
        self._blobs = blobs

    async def missing(self, upload: Upload) -> tuple[Part, ...]:
        """Parts of an open upload that have not arrived in their full length. Raises `DependencyUnavailable`."""
        if await self._intake.size_of(upload.key) == upload.size_bytes:
            return ()
        if upload.gathering is None:
            return upload.parts
        try:
            return upload.missing(await self._intake.parts(upload.key, upload.gathering))
        except NotFound:
            return upload.parts

    async def clear(self, upload: Upload) -> None:
        """Removes all that has arrived. Raises `DependencyUnavailable`."""
        if upload.gathering is not None:
            await self._intake.drop_parts(upload.key, upload.gathering)
        await self._blobs.delete_folder(upload.folder)

    async def let_go(self, upload: Upload) -> None:
        """As `clear`, but what cannot be removed now is left to the janitor, or is litter without a byte."""
        try:
            await self.clear(upload)
        except DependencyUnavailable as error:
            log.warning("upload_left_behind", upload_id=upload.id, reason=error.detail)
