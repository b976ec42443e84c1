"""The queries of transcriptions."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from domain.kit.transactions import Session
from domain.library.model import Version
from domain.transcription.documents import TranscriptionDocument
from domain.transcription.model import Transcription


class TranscriptionStore:
    """People see those of their own versions."""

    async def insert(
        self, owner_id: str, track_id: str, transcription: Transcription, notes: bytes, session: Session
    ) -> None:
        fields = asdict(transcription)
        ids = {"id": fields.pop("version_id"), "track_id": track_id, "owner_id": owner_id}
        await TranscriptionDocument(**ids, **fields, notes=notes).insert(session=session)

    async def copy(self, version_id: str, branch: Version, session: Session) -> None:
        """A branch has the notes of the version that it was made of."""
        raw = await _transcriptions().find_one({"_id": version_id}, session=session)
        if raw is not None:
            copy = {**raw, "_id": branch.id, "track_id": branch.track_id}
            await _transcriptions().insert_one(copy, session=session)

    async def find_many(self, owner_id: str, version_ids: Sequence[str]) -> dict[str, Transcription]:
        """Without the notes."""
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id}
        found = await _transcriptions().find(query, {"notes": False}).to_list()
        return {raw["_id"]: _to_transcription(raw) for raw in found}

    async def notes(self, owner_id: str, version_ids: Sequence[str]) -> dict[str, bytes]:
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id}
        return {raw["_id"]: raw["notes"] for raw in await _transcriptions().find(query, {"notes": True}).to_list()}

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        """Without the notes."""
        return await _transcriptions().find({"owner_id": owner_id}, {"notes": False}).sort("_id").to_list()

    async def forget(self, track_id: str) -> None:
        await _transcriptions().delete_many({"track_id": track_id})

    async def erase(self, owner_id: str) -> None:
        await _transcriptions().delete_many({"owner_id": owner_id})


def _to_transcription(raw: dict[str, Any]) -> Transcription:
    return Transcription(raw["_id"], raw["note_count"], raw["lowest_pitch"], raw["highest_pitch"])


def _transcriptions() -> AsyncCollection[dict[str, Any]]:
    return TranscriptionDocument.get_pymongo_collection()
