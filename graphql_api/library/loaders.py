"""Tracks and versions of the caller, many ids in one query."""

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
