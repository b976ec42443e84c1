"""The queries of how versions are laid out in time."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from domain.kit.audio.sound import Structure
from domain.kit.transactions import Session
from domain.library.documents import StructureDocument
from domain.library.measured import to_structure
from domain.library.model import Version


class StructureStore:
    """People see those of their own versions."""

    async def insert(self, owner_id: str, version: Version, structure: Structure, session: Session) -> None:
        ids = {"id": version.id, "track_id": version.track_id, "owner_id": owner_id}
        await StructureDocument.model_validate({**ids, **asdict(structure)}).insert(session=session)

    async def copy(self, version_id: str, branch: Version, session: Session) -> None:
        """A branch is laid out as the version that it was made of."""
        raw = await _structures().find_one({"_id": version_id}, session=session)
        if raw is not None:
            copy = {**raw, "_id": branch.id, "track_id": branch.track_id}
            await _structures().insert_one(copy, session=session)

    async def find_many(self, owner_id: str, version_ids: Sequence[str]) -> dict[str, Structure]:
        query = {"_id": {"$in": list(version_ids)}, "owner_id": owner_id}
        return {raw["_id"]: to_structure(raw) for raw in await _structures().find(query).to_list()}

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        return await _structures().find({"owner_id": owner_id}).sort("_id").to_list()

    async def erase(self, owner_id: str) -> None:
        await _structures().delete_many({"owner_id": owner_id})


def _structures() -> AsyncCollection[dict[str, Any]]:
    return StructureDocument.get_pymongo_collection()
