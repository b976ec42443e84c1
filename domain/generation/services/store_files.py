"""Bringing the finished files of a song into object storage."""

import asyncio
import hashlib
from collections.abc import Sequence

from domain.kit.blobs import BlobStore
from domain.kit.concurrency import together
from domain.kit.media import MediaFile, MediaFiles
from domain.kit.music_engine import Composition
from domain.library.model import Asset, AssetKind

AT_ONCE = 4


class FileStorage:
    """Uploads under one prefix; an asset is returned only after its bytes are stored."""

    def __init__(self, blobs: BlobStore, prefix: str) -> None:
        self._blobs = blobs
        self._prefix = prefix
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def store(self, files: MediaFiles, composition: Composition) -> Sequence[Asset]:
        named = {
            AssetKind.MASTER: files.master,
            AssetKind.DOWNLOAD: files.download,
            AssetKind.WAVEFORM: files.waveform,
            AssetKind.COVER: files.cover,
            AssetKind.PICTURE: files.picture,
        }
        uploads = [self._put_file(kind, file, None) for kind, file in named.items()]
        uploads += [self._put_file(AssetKind.STEM, file, name) for name, file in files.stems.items()]
        uploads.append(self._put_data(AssetKind.SCORE, "score.json", composition.score, "application/json"))
        uploads.append(self._put_data(AssetKind.MIDI, "score.mid", composition.midi, "audio/midi"))
        return await together(*uploads)

    async def _put_file(self, kind: AssetKind, file: MediaFile, label: str | None) -> Asset:
        folder = "stems/" if kind is AssetKind.STEM else ""
        key = f"{self._prefix}/{folder}{file.path.name}"
        async with self._turns:
            await self._blobs.put_file(key, file.path, file.content_type)
        return Asset(kind, key, file.sha256, file.size_bytes, file.content_type, label)

    async def _put_data(self, kind: AssetKind, name: str, data: bytes, content_type: str) -> Asset:
        key = f"{self._prefix}/{name}"
        async with self._turns:
            await self._blobs.put(key, data, content_type)
        return Asset(kind, key, hashlib.sha256(data).hexdigest(), len(data), content_type)
