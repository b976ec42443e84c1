"""Renditions of attempts that follow each other: what one leaves behind goes, and what another took up stays."""

from dataclasses import replace

import pytest

from domain.kit.errors import NotFound
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.playback.model import Rendition
from domain.playback.services.janitor import RenditionJanitor
from domain.playback.services.playback import PlaybackService
from tests.playback.playlists import VARIANTS
from tests.world import World


async def begun(world: World, rendition: Rendition) -> Rendition:
    async def begin(session: Session) -> str | None:
        return await world.get(PlaybackService).begin(rendition, session)

    await world.kit.transactions.run(begin)
    await world.blobs.put(f"{rendition.prefix}/seg-00000.m4s", b"sound", "video/mp4")
    return rendition


async def test_what_a_frozen_worker_uploads_behind_the_next_attempt_goes(world: World) -> None:
    # given an attempt in whose place another has begun, and an upload that it ends after that
    first = await begun(world, Rendition(new_id(), "track", "owner", new_id(), 1, "tracks/1-a", VARIANTS, (), False))
    second = await begun(world, replace(first, attempt=2, prefix="tracks/2-b"))
    # when it takes back what it published
    assert not await world.get(PlaybackService).take_back(first)
    # then its own objects go, and the other's stay
    assert set(world.blobs.objects) == {f"{second.prefix}/seg-00000.m4s"}


async def test_what_the_next_attempt_has_taken_up_stays(world: World) -> None:
    first = await begun(world, Rendition(new_id(), "track", "owner", new_id(), 1, "tracks/1-a", VARIANTS, (), False))

    async def adopt(session: Session) -> Rendition | None:
        return await world.get(PlaybackService).adopt(first.version_id, first.prefix, 2, session)

    assert await world.kit.transactions.run(adopt) is not None
    assert not await world.get(PlaybackService).take_back(first)
    assert set(world.blobs.objects) == {f"{first.prefix}/seg-00000.m4s"}


async def test_a_rendition_from_before_a_track_had_several_versions_gets_the_id_of_its_own(world: World) -> None:
    # given a finished song whose rendition lies there as it did then, under the track's id
    ada = await world.person()
    await world.ask(ada)
    await world.work_off()
    (now,) = await world.documents("renditions")
    before = now | {"prefix": f"tracks/{now['track_id']}/{now['_id']}/1-abcdef01"}
    old = {name: value for name, value in before.items() if name != "track_id"} | {"_id": now["track_id"]}
    renditions = world.client[world.database]["renditions"]
    await renditions.delete_one({"_id": now["_id"]})
    await renditions.insert_one(old)
    with pytest.raises(NotFound):
        await world.get(PlaybackService).playback(ada, now["track_id"])
    # when the janitor comes by
    await world.get(RenditionJanitor).sweep()
    # then it is found again, and is the same
    assert await world.documents("renditions") == [before]
    playback = await world.get(PlaybackService).playback(ada, now["track_id"])
    assert (playback.version_id, playback.is_complete) == (now["_id"], True)
