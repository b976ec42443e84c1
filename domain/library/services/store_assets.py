"""Bringing the finished files of a recording into object storage."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from domain.kit.audio.media import MediaFile, MediaFiles
from domain.kit.blobs import BlobStore
from domain.kit.concurrency import together
from domain.library.model import Asset, AssetKind

AT_ONCE = 4
# The zoom that is meant where somebody asks for the waveform without saying which.
USUAL_ZOOM = 1_024


@dataclass(frozen=True)
class AssetData:
    """A file that exists in memory only."""

    kind: AssetKind
    name: str
    data: bytes
    content_type: str


class AssetStorage:
    """Uploads under one prefix, a few at once; an asset is returned only after its bytes are stored."""

    def __init__(self, blobs: BlobStore, prefix: str) -> None:
        self._blobs = blobs
        self._prefix = prefix
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def store(self, files: MediaFiles, data: Sequence[AssetData] = ()) -> Sequence[Asset]:
        """What the studio made, and what is only in memory."""
        named = {
            AssetKind.MASTER: files.master,
            **({} if files.download is None else {AssetKind.DOWNLOAD: files.download}),
            AssetKind.COVER: files.cover,
            AssetKind.PICTURE: files.picture,
        }
        uploads = [self.store_file(kind, file) for kind, file in named.items()]
        uploads += [
            self.store_file(AssetKind.WAVEFORM, file, None if zoom == USUAL_ZOOM else str(zoom))
            for zoom, file in files.waveforms.items()
        ]
        uploads += [self.store_file(AssetKind.STEM, file, name) for name, file in files.stems.items()]
        uploads += [self.store_data(item) for item in data]
        return await together(*uploads)

    async def store_file(self, kind: AssetKind, file: MediaFile, label: str | None = None) -> Asset:
        folder = "stems/" if kind is AssetKind.STEM else ""
        key = f"{self._prefix}/{folder}{file.path.name}"
        async with self._turns:
            await self._blobs.put_file(key, file.path, file.content_type)
        return Asset(kind, key, file.sha256, file.size_bytes, file.content_type, label)

    async def store_data(self, item: AssetData) -> Asset:
        key = f"{self._prefix}/{item.name}"
        async with self._turns:
            await self._blobs.put(key, item.data, item.content_type)
        return Asset(item.kind, key, hashlib.sha256(item.data).hexdigest(), len(item.data), item.content_type)
