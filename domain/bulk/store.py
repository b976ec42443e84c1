"""The queries of bulk edits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from domain.bulk.documents import BulkEditDocument
from domain.bulk.model import BulkAction, BulkChange, BulkEdit, Tally, TrackFailure
from domain.kit.caller import Client, Credential, Scope
from domain.kit.transactions import Session
from domain.library.model import Visibility

Raw = Mapping[str, Any]
# How the call was signed is no fact about the person, nor is whose it is.
_INTERNAL = {"owner_id": False, "credential": False, "scopes": False}


class BulkEditStore:
    """Bulk edits by job. People read theirs; a worker reads the one it has a lease for."""

    async def insert(self, edit: BulkEdit, now: datetime, session: Session) -> None:
        record = {**asdict(edit), "id": edit.job_id, "created_at": now, "scopes": _listed(edit.scopes)}
        record |= record.pop("tally")
        await BulkEditDocument.model_validate(record).insert(session=session)

    async def find(self, job_id: str) -> BulkEdit | None:
        raw = await _edits().find_one({"_id": job_id})
        return None if raw is None else _to_edit(raw)

    async def find_many(self, owner_id: str, job_ids: Sequence[str]) -> dict[str, BulkEdit]:
        """Without the ids of their tracks."""
        query = {"_id": {"$in": list(job_ids)}, "owner_id": owner_id}
        return {raw["_id"]: _to_edit(raw) for raw in await _edits().find(query, {"track_ids": False}).to_list()}

    async def tally(self, job_id: str, session: Session) -> Tally:
        """What came of all tracks so far; raises `LookupError` for a job that is none."""
        raw = await _edits().find_one({"_id": job_id}, {"track_ids": False}, session=session)
        if raw is None:
            raise LookupError(f"there is no bulk edit {job_id}")
        return _to_tally(raw)

    async def count(self, job_id: str, tally: Tally, session: Session) -> None:
        """Writes what came of all tracks so far."""
        await _edits().update_one({"_id": job_id}, {"$set": asdict(tally)}, session=session)

    async def close(self, job_id: str, session: Session) -> None:
        """Which tracks they were is of no use any more."""
        await _edits().update_one({"_id": job_id}, {"$set": {"track_ids": []}}, session=session)

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        return await _edits().find({"owner_id": owner_id}, _INTERNAL).sort("_id").to_list()

    async def erase(self, owner_id: str) -> None:
        await _edits().delete_many({"owner_id": owner_id})


def _listed(scopes: frozenset[Scope] | None) -> list[Scope] | None:
    return None if scopes is None else sorted(scopes)


def _to_edit(raw: Raw) -> BulkEdit:
    scopes = raw["scopes"]
    return BulkEdit(
        job_id=raw["_id"],
        owner_id=raw["owner_id"],
        change=_to_change(raw["change"]),
        track_ids=raw.get("track_ids", ()),
        total=raw["total"],
        tally=_to_tally(raw),
        credential=Credential(raw["credential"]),
        scopes=None if scopes is None else frozenset(map(Scope, scopes)),
        client=Client(**raw["client"]),
    )


def _to_tally(raw: Raw) -> Tally:
    failures = tuple(TrackFailure(**part) for part in raw["failures"])
    return Tally(raw["changed"], raw["unchanged"], raw["failed"], failures)


def _to_change(raw: Raw) -> BulkChange:
    tags, visibility = raw["tags"], raw["visibility"]
    parsed = {
        "action": BulkAction(raw["action"]),
        "tags": None if tags is None else tuple(tags),
        "visibility": None if visibility is None else Visibility(visibility),
    }
    return BulkChange(**{**raw, **parsed})


def _edits() -> AsyncCollection[dict[str, Any]]:
    return BulkEditDocument.get_pymongo_collection()
