"""Remembering the notes of versions, and telling them to their owner."""

from collections.abc import Sequence

from domain.kit.audio.notes import unpacked
from domain.kit.caller import Caller, Scope
from domain.kit.transactions import Session
from domain.library.model import Version
from domain.transcription.model import Transcription, summary
from domain.transcription.store import TranscriptionStore


class Transcriptions:
    """Nobody but the owner is told: notes are what a piece is made of, as its score is."""

    def __init__(self, store: TranscriptionStore) -> None:
        self._store = store

    async def remember(self, owner_id: str, version: Version, notes: bytes | None, session: Session) -> None:
        """In the caller's transaction, so that a version is never shown without them; None when nobody listened."""
        if notes is not None:
            found = summary(version.id, unpacked(notes))
            await self._store.insert(owner_id, version.track_id, found, notes, session)

    async def of(self, caller: Caller, version_ids: Sequence[str]) -> dict[str, Transcription]:
        """Of the caller's versions among these ids, in one query."""
        return await self._store.find_many(caller.require(Scope.LIBRARY), version_ids)

    async def notes(self, caller: Caller, version_ids: Sequence[str]) -> dict[str, bytes]:
        """The packed notes of the caller's versions among these ids, in one query."""
        return await self._store.notes(caller.require(Scope.LIBRARY), version_ids)
