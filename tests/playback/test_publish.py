"""How segments come to listeners: the first sound at once, the others together, and all of them in the end."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, cast

import pytest

from adapters.memory.blobs import MemoryBlobStore
from domain.kit.audio.media import INIT_SEGMENT_INDEX, SEGMENT_RATE, LadderSegment, MediaSegment
from domain.kit.errors import DependencyUnavailable
from domain.playback.model import Rendition, Segment, media_playlist
from domain.playback.services import publish
from domain.playback.services.publish import SegmentPublisher
from tests.playback.playlists import VARIANTS, parse_media

EMPTY = Rendition("version", "track", "owner", "job", 1, "songs/1", VARIANTS, (), False)


class Shown:
    """What stands in for the service: the rendition as listeners see it."""

    def __init__(self) -> None:
        self.rendition = EMPTY
        self.told: list[float] = []

    async def append(self, rendition: Rendition, segments: Sequence[Segment], peaks: Sequence[int] = ()) -> bool:
        self.rendition = replace(self.rendition, segments=(*self.rendition.segments, *segments))
        return True

    async def tell(self, seconds: float) -> None:
        self.told.append(seconds)


def piece(number: int) -> LadderSegment:
    """Two seconds whose bytes are different in each variant, and in length, too."""
    name = "init.mp4" if number == INIT_SEGMENT_INDEX else f"seg-{number:05d}.m4s"
    frames = 0 if number == INIT_SEGMENT_INDEX else 2 * SEGMENT_RATE
    return LadderSegment(
        {
            variant.name: MediaSegment(number, name, f"{variant.name}:{name};".encode() * (number + 2), frames)
            for variant in VARIANTS
        }
    )


INIT = piece(INIT_SEGMENT_INDEX)


@pytest.fixture
def blobs() -> MemoryBlobStore:
    return MemoryBlobStore()


@pytest.fixture
def shown() -> Shown:
    return Shown()


def publisher(blobs: MemoryBlobStore, shown: Shown) -> SegmentPublisher:
    return SegmentPublisher(EMPTY, blobs, cast(Any, shown), shown.tell)


def served(blobs: MemoryBlobStore, shown: Shown, variant: str) -> list[bytes]:
    """The segments as a player fetches them."""
    playlist = parse_media(media_playlist(shown.rendition, variant))
    objects = [blobs.objects[shown.rendition.key_of(variant, name) or ""][0] for _, name in playlist.segments]
    spans = [slice(span[0], sum(span)) if span else slice(None) for span in playlist.spans]
    return [whole[span] for whole, span in zip(objects, spans, strict=True)]


async def test_every_segment_arrives_whole_in_few_objects(blobs: MemoryBlobStore, shown: Shown) -> None:
    pieces = [piece(number) for number in range(40)]
    async with publisher(blobs, shown) as publishing:
        await publishing.publish([INIT, *pieces])
    for variant in VARIANTS:
        assert served(blobs, shown, variant.name) == [each.rungs[variant.name].data for each in pieces]
    # a beginning for each variant and at most a handful of objects for all, each of half a minute at most
    assert len(blobs.objects) <= len(VARIANTS) + 5
    assert set(blobs.objects) == shown.rendition.object_keys()
    assert shown.told[-1] == 80.0
    assert max(after - before for before, after in zip([0.0, *shown.told], shown.told, strict=False)) <= 32.0


async def test_the_first_sound_waits_for_nothing_and_what_follows_for_a_moment(
    blobs: MemoryBlobStore, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "LINGER_SHARE", 0.15)
    async with publisher(blobs, shown) as publishing:
        # when music comes slower than objects are stored
        await publishing.publish([INIT, piece(0)])
        await asyncio.sleep(0.1)
        assert shown.told == [2.0]
        for number in range(1, 4):
            await publishing.publish([piece(number)])
            await asyncio.sleep(0.02)
        assert shown.told == [2.0]
        await asyncio.sleep(0.5)
        # then the next ones came together
        assert shown.told == [2.0, 8.0]
        # and the end waits for nobody
        monkeypatch.setattr(publish, "LINGER_SHARE", 60.0)
        await publishing.publish([piece(4)])
    assert shown.told == [2.0, 8.0, 10.0]
    assert set(blobs.objects) == {
        *(f"songs/1/{variant.name}/init.mp4" for variant in VARIANTS),
        *(f"songs/1/{name}" for name in ("seg-00000.m4s", "seg-00001.m4s", "seg-00004.m4s")),
    }


async def test_what_went_wrong_is_told_to_who_brings_more(blobs: MemoryBlobStore, shown: Shown) -> None:
    blobs.is_down = True

    async def bring_more() -> None:
        async with publisher(blobs, shown) as publishing:
            for number in range(100):
                await publishing.publish([piece(number)])

    with pytest.raises(DependencyUnavailable):
        await bring_more()
    assert shown.rendition == EMPTY


async def test_whoever_seeks_in_ten_minutes_fetches_the_beginning_and_one_segment(
    blobs: MemoryBlobStore, shown: Shown
) -> None:
    # given ten minutes
    pieces = [piece(number) for number in range(300)]
    async with publisher(blobs, shown) as publishing:
        await publishing.publish([INIT, *pieces])
    sought = [0.0, 1.9, 2.0, 31.9, 32.0, 299.5, 437.3, 599.99]
    for variant in VARIANTS:
        playlist = parse_media(media_playlist(shown.rendition, variant.name))
        assert playlist.seconds == 600.0
        for second in sought:
            # when a player seeks to any second and fetches what the playlist names there
            ends = list(accumulate(seconds for seconds, _ in playlist.segments))
            number = next(index for index, end in enumerate(ends) if second < end)
            _, name = playlist.segments[number]
            start, size = playlist.spans[number] or (0, 0)
            key = shown.rendition.key_of(variant.name, name)
            assert key is not None
            fetched = blobs.objects[key][0][start : start + size]
            # then it has that one segment, from a cut just before to the next, and no byte of another
            assert fetched == pieces[number].rungs[variant.name].data
            assert ends[number] - 2.0 <= second < ends[number]
