"""Tracks and versions of the caller, many ids in one query."""

from dataclasses import dataclass

from domain.kit.paging import Page, PageRequest
from domain.library.model import Track, Version
from domain.library.service import LibraryService
from graphql_api.core.context import AreaLoader


class TrackLoader(AreaLoader[str, Track | None]):
    async def load_batch(self, keys: list[str]) -> list[Track | None]:
        found = await self.context.service(LibraryService).tracks_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class VersionLoader(AreaLoader[str, Version | None]):
    async def load_batch(self, keys: list[str]) -> list[Version | None]:
        found = await self.context.service(LibraryService).versions_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


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
