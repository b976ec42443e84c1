"""A track's encoders and working folder, driven from the event loop."""

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from domain.kit.audio.media import Audio, LadderSegment, MediaFiles, RenditionWriter
from domain.kit.concurrency import both
from domain.kit.processes import is_alive

T = TypeVar("T")


class Recorder:
    """Calls a `RenditionWriter` in threads, on each of its two sides one call at a time.

    A thread goes on when the task that awaits it is cancelled, so `abort` waits for the calls that are under way.
    """

    def __init__(self, writer: RenditionWriter) -> None:
        self._writer = writer
        self._playing, self._keeping = threading.Lock(), threading.Lock()
        self._aborted = False

    async def play(self, mix: Audio) -> Sequence[LadderSegment]:
        return await asyncio.to_thread(self._in_turn, lambda: self._writer.play(mix), self._playing)

    async def end(self) -> Sequence[LadderSegment]:
        return await asyncio.to_thread(self._in_turn, self._writer.end, self._playing)

    async def keep(self, mix: Audio, stems: Mapping[str, Audio]) -> None:
        await asyncio.to_thread(self._in_turn, lambda: self._writer.keep(mix, stems), self._keeping)

    async def files(self, expected_bpm: float | None) -> MediaFiles:
        return await asyncio.to_thread(
            self._in_turn, lambda: self._writer.files(expected_bpm=expected_bpm), self._keeping
        )

    async def write(self, mix: Audio, stems: Mapping[str, Audio]) -> Sequence[LadderSegment]:
        """Plays a chunk and keeps it, at the same time."""
        segments, _ = await both(self.play(mix), self.keep(mix, stems))
        return segments

    async def finish(self, expected_bpm: float | None) -> tuple[Sequence[LadderSegment], MediaFiles]:
        return await both(self.end(), self.files(expected_bpm))

    async def abort(self) -> None:
        await asyncio.to_thread(self._abort)

    def _in_turn(self, call: Callable[[], T], side: threading.Lock) -> T:
        with side:
            if self._aborted:
                raise RuntimeError("this recording was aborted")
            return call()

    def _abort(self) -> None:
        with self._playing, self._keeping:
            self._aborted = True
            self._writer.abort()


@contextmanager
def work_folder(root: Path, job_id: str) -> Iterator[Path]:
    """A folder for one attempt, gone at the end; its name holds this process's id."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-{job_id}-", dir=root) as folder:
        yield Path(folder)


def remove_abandoned_folders(root: Path) -> int:
    """Removes the folders of processes that were killed; returns how many."""
    folders = root.iterdir() if root.is_dir() else iter(())
    abandoned = [path for path in folders if not is_alive(path.name.partition("-")[0])]
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)
    return len(abandoned)
