"""The caller's plays, many ids in one query."""

from domain.plays.model import HeardTrack
from domain.plays.services.history import PlayHistory
from graphql_api.core.context import AreaLoader


class PlayLoader(AreaLoader[str, HeardTrack | None]):
    async def load_batch(self, keys: list[str]) -> list[HeardTrack | None]:
        found = await self.context.service(PlayHistory).by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]
