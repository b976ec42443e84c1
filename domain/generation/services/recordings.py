"""The sound of versions, decoded into a folder, for models that are to hear it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.generation.services.parents import master_of
from domain.kit.audio.audio_decoding import AudioDecoder
from domain.kit.audio.media import Audio
from domain.kit.audio.samples import SampleReader
from domain.kit.blob_intake import BlobIntake
from domain.library.model import Version
from domain.playback.services.record import work_folder

SOURCE, SAMPLES = "master.flac", "samples.f32"
# A coded length may be a little longer than what was written down.
MORE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Recorded:
    """`frames` of sound at 44.1 kHz."""

    reader: SampleReader
    frames: int

    def read(self, start: int, stop: int) -> Audio:
        """[frames, 2] of these places; blocks."""
        self.reader.seek(start)
        return self.reader.read(min(stop, self.frames) - start)


class Recordings:
    """Through the decoder that strangers' files go through, which holds nothing in memory."""

    def __init__(self, intake: BlobIntake, decoder: AudioDecoder, work_root: Path) -> None:
        self._intake = intake
        self._decoder = decoder
        self._work_root = work_root

    @asynccontextmanager
    async def opened(self, version: Version, job_id: str) -> AsyncGenerator[Recorded, None]:
        """The version's master, until the context ends."""
        master = master_of(version)
        with work_folder(self._work_root, job_id) as folder:
            await self._intake.fetch(master.key, folder / SOURCE, master.size_bytes)
            most = version.duration_seconds + MORE_SECONDS
            decoded = await self._decoder.decode(folder / SOURCE, folder / SAMPLES, most)
            with SampleReader(folder / SAMPLES, decoded.peak) as reader:
                yield Recorded(reader, decoded.frames)
