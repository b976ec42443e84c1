"""Getting finished segments to listeners while the next ones are being made."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from domain.kit.audio.media import LadderSegment, MediaSegment
from domain.kit.blobs import BlobStore
from domain.kit.concurrency import together
from domain.playback.model import TARGET_SECONDS, Rendition, Segment
from domain.playback.services.playback import PlaybackService

MAX_WAITING = 8
# How many segments one object has at most: half a minute.
MOST_TOGETHER = 16
# How long one may wait for others to join it: an eighth of what a listener has before him already, at most two seconds.
LINGER_SHARE, LINGER_SECONDS = 1 / 8, 2.0

OnPublished = Callable[[float], Coroutine[Any, Any, None]]


class SegmentPublisher:
    """Uploads in the background, in order: a segment enters the playlists after its bytes at all rungs are in storage.

    Use as an asynchronous context manager; leaving it without an error waits for the last segment.
    """

    def __init__(
        self, rendition: Rendition, blobs: BlobStore, playback: PlaybackService, on_published: OnPublished
    ) -> None:
        self._rendition = rendition
        self._blobs = blobs
        self._playback = playback
        self._on_published = on_published
        self._waiting: asyncio.Queue[LadderSegment | None] = asyncio.Queue(MAX_WAITING)
        self._published_seconds = 0.0

    async def __aenter__(self) -> "SegmentPublisher":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self._put(None)
            await self._task
        else:
            await self._give_up()

    async def _give_up(self) -> None:
        """Drops what waits. The database driver may swallow a cancellation, so the end is also queued."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def publish(self, segments: Sequence[LadderSegment]) -> None:
        """Hands segments over; raises what went wrong with earlier ones."""
        for segment in segments:
            await self._put(segment)

    async def _put(self, item: LadderSegment | None) -> None:
        putting = asyncio.create_task(self._waiting.put(item))
        await asyncio.wait({putting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            putting.cancel()
            self._task.result()

    async def _run(self) -> None:
        is_last = False
        while not is_last:
            taken = await self._take()
            is_last = taken[-1] is None
            await self._store([segment for segment in taken if segment is not None])

    async def _take(self) -> list[LadderSegment | None]:
        """What waits, and what comes in the next moment, because each object costs a request."""
        taken = [await self._waiting.get()]
        linger = min(self._published_seconds * LINGER_SHARE, LINGER_SECONDS)
        until = asyncio.get_running_loop().time() + linger
        while taken[-1] is not None and len(taken) < MOST_TOGETHER:
            try:
                async with asyncio.timeout_at(until):
                    taken.append(await self._waiting.get())
            except TimeoutError:
                break
        return taken

    async def _store(self, segments: Sequence[LadderSegment]) -> None:
        media = [segment for segment in segments if not segment.is_init]
        rungs = [variant.name for variant in self._rendition.variants]
        begun = [(f"{rung}/", [segment.rungs[rung]]) for segment in segments if segment.is_init for rung in rungs]
        # All rungs in one object, because each object costs a request.
        pack = [("", [segment.rungs[rung] for rung in rungs for segment in media])] if media else []
        await together(*(self._upload(folder, pieces) for folder, pieces in [*begun, *pack]))
        if not media:
            return
        peaks = [_peak(media, rung) for rung in rungs]
        await self._playback.append(self._rendition, _listed(media, rungs), peaks)
        self._published_seconds += sum(segment.duration_seconds for segment in media)
        await self._on_published(self._published_seconds)

    async def _upload(self, folder: str, pieces: Sequence[MediaSegment]) -> None:
        """Puts pieces one behind the other into one object with the name of the first."""
        first, data = pieces[0], b"".join([piece.data for piece in pieces])
        await self._blobs.put(f"{self._rendition.prefix}/{folder}{first.name}", data, first.content_type)


def _listed(media: Sequence[LadderSegment], rungs: Sequence[str]) -> list[Segment]:
    """As they stand in playlists, when they lie in one object."""
    name = media[0].name
    sizes = [tuple(len(each.rungs[rung].data) for rung in rungs) for each in media]
    return [Segment(name, each.duration_seconds, size, True) for each, size in zip(media, sizes, strict=True)]


def _peak(segments: Sequence[LadderSegment], rung: str) -> int:
    """The highest rate in bit/s. RFC 8216 (4.1) leaves out what is shorter than half of the target."""
    pieces = [segment.rungs[rung] for segment in segments if segment.duration_seconds >= TARGET_SECONDS / 2]
    return max((math.ceil(8 * len(piece.data) / piece.duration_seconds) for piece in pieces), default=0)
