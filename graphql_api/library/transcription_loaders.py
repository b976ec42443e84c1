"""The notes of the caller's versions, many ids in one query."""

from domain.library.services.listen import viewer_of
from domain.transcription.model import Transcription
from domain.transcription.services.recall import Transcriptions
from graphql_api.core.context import AreaLoader


class TranscriptionLoader(AreaLoader[str, Transcription | None]):
    """By the ids of versions; None of those of others."""

    async def load_batch(self, keys: list[str]) -> list[Transcription | None]:
        if viewer_of(self.context.caller) is None:
            return [None for _ in keys]
        found = await self.context.service(Transcriptions).of(self.context.caller, keys)
        return [found.get(key) for key in keys]


class PackedNotesLoader(AreaLoader[str, bytes]):
    """By the ids of versions; no notes of those of others."""

    async def load_batch(self, keys: list[str]) -> list[bytes]:
        if viewer_of(self.context.caller) is None:
            return [b"" for _ in keys]
        found = await self.context.service(Transcriptions).notes(self.context.caller, keys)
        return [found.get(key, b"") for key in keys]
