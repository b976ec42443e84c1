"""Tracks and versions that the caller may see, and how often tracks were played, many ids in one query."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from domain.kit.audio.sound import Structure
from domain.kit.paging import Page, PageRequest
from domain.library.model import Version, VersionFacts
from domain.library.service import LibraryService
from domain.library.services.listen import TrackListening, viewer_of
from domain.library.sharing import SeenTrack
from domain.likes.model import NO_LIKES, TrackLikes
from domain.likes.service import LikeService
from domain.plays.services.history import PlayHistory
from domain.recognition.model import Duplicate
from domain.recognition.services.recognise import Recognition
from graphql_api.core.context import AreaLoader

V = TypeVar("V")


class TrackLoader(AreaLoader[str, SeenTrack | None]):
    async def load_batch(self, keys: list[str]) -> list[SeenTrack | None]:
        found = await self.context.service(TrackListening).by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class VersionLoader(AreaLoader[str, VersionFacts | None]):
    async def load_batch(self, keys: list[str]) -> list[VersionFacts | None]:
        found = await self.context.service(TrackListening).versions_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class OwnLoader(AreaLoader[str, V]):
    """Of what is told to owners only: somebody whom nobody knows owns nothing."""

    nothing: V

    async def load_batch(self, keys: list[str]) -> list[V]:
        if viewer_of(self.context.caller) is None:
            return [self.nothing for _ in keys]
        found = await self.own(keys)
        return [found.get(key, self.nothing) for key in keys]

    @abstractmethod
    async def own(self, keys: list[str]) -> Mapping[str, V]:
        """What there is of the caller's own."""


class StructureLoader(OwnLoader[Structure | None]):
    """By the ids of versions."""

    nothing = None

    async def own(self, keys: list[str]) -> Mapping[str, Structure | None]:
        return await self.context.service(LibraryService).structures(self.context.caller, keys)


class FingerprintLoader(OwnLoader[str | None]):
    """By the ids of versions."""

    nothing = None

    async def own(self, keys: list[str]) -> Mapping[str, str | None]:
        return await self.context.service(Recognition).fingerprints(self.context.caller, keys)


class DuplicatesLoader(OwnLoader[Sequence[Duplicate]]):
    """By the ids of tracks."""

    nothing = ()

    async def own(self, keys: list[str]) -> Mapping[str, Sequence[Duplicate]]:
        return await self.context.service(Recognition).duplicates(self.context.caller, keys)


@dataclass(frozen=True)
class TrackPage:
    """One page of one track's versions."""

    track_id: str
    request: PageRequest


class VersionPageLoader(AreaLoader[TrackPage, Page[Version]]):
    """One query for each different page that is asked for, whatever the number of tracks."""

    async def load_batch(self, keys: list[TrackPage]) -> list[Page[Version]]:
        library, caller = self.context.service(LibraryService), self.context.caller
        pages: dict[PageRequest, dict[str, Page[Version]]] = {}
        for request in {key.request for key in keys}:
            track_ids = [key.track_id for key in keys if key.request == request]
            pages[request] = await library.versions(caller, track_ids, request)
        return [pages[key.request].get(key.track_id) or Page([], False) for key in keys]


class PlayCountLoader(AreaLoader[str, int]):
    async def load_batch(self, keys: list[str]) -> list[int]:
        found = await self.context.service(PlayHistory).counts(keys)
        return [found.get(key, 0) for key in keys]


class LikesLoader(AreaLoader[str, TrackLikes]):
    async def load_batch(self, keys: list[str]) -> list[TrackLikes]:
        found = await self.context.service(LikeService).likes_of(self.context.caller, keys)
        return [found.get(key, NO_LIKES) for key in keys]


@dataclass(frozen=True)
class TrackDays:
    """The last so many days of one track."""

    track_id: str
    days: int


class DayPlaysLoader(AreaLoader[TrackDays, Sequence[tuple[date, int]]]):
    """One query for each different number of days that is asked for, whatever the number of tracks."""

    async def load_batch(self, keys: list[TrackDays]) -> list[Sequence[tuple[date, int]]]:
        history = self.context.service(PlayHistory)
        found = {
            days: await history.by_day([key.track_id for key in keys if key.days == days], days)
            for days in {key.days for key in keys}
        }
        return [found[key.days][key.track_id] for key in keys]
