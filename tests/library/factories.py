"""Tracks for tests that do not need their sound."""

from dataclasses import replace
from typing import Any

from domain.kit.caller import Caller
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.library.model import Analysis, Origin, Track, Version, VersionKind
from domain.library.recording import NewTrack, NewVersion
from domain.library.service import LibraryService
from tests.world import World

ANALYSIS = Analysis(-14.0, 5.0, -1.0, 120.0, 1.0, "A minor", 0.9)
ORIGIN = Origin("01J00000000000000000000000", VersionKind.GENERATED, "composer", "1", 7)


async def add_track(world: World, owner: Caller, title: str = "Untitled", track_id: str | None = None) -> Track:
    """A track with one version and no files."""
    return await put_track(world, a_track(world, owner, title, track_id))


def a_track(world: World, owner: Caller, title: str = "Untitled", track_id: str | None = None) -> Track:
    version = a_version(world, track_id or new_id())
    return Track(version.track_id, owner.require(), title, "Ada", "ambient", world.clock.now(), version)


async def put_track(world: World, track: Track) -> Track:
    """Writes a track whose current facts are a whole version."""
    version = track.current
    assert isinstance(version, Version)

    async def work(session: Session) -> None:
        await world.get(LibraryService).add(NewTrack(track, version), None, world.clock.now(), session)

    await world.kit.transactions.run(work)
    return track


async def add_version(world: World, track: Track, **facts: Any) -> Version:
    """One more recording of a track."""
    version = replace(a_version(world, track.id), **facts)

    async def work(session: Session) -> None:
        made = NewVersion(track.owner_id, version, becomes_current=False)
        await world.get(LibraryService).add(made, None, world.clock.now(), session)

    await world.kit.transactions.run(work)
    return version


def a_version(world: World, track_id: str) -> Version:
    return Version(
        id=new_id(),
        track_id=track_id,
        created_at=world.clock.now(),
        duration_seconds=6.0,
        bpm=120.0,
        key="A minor",
        meter="4/4",
        origin=Origin(new_id(), VersionKind.GENERATED, "composer", "1", 7),
        analysis=ANALYSIS,
        assets=(),
    )
