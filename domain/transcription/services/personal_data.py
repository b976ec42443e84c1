"""The notes that were found in a person's recordings."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

from domain.kit.audio.notes import unpacked
from domain.kit.personal_data import Erasure, PersonalData, PersonalFile
from domain.transcription.store import TranscriptionStore


class TranscriptionPersonalData(PersonalData):
    """Notes are told one by one: nobody can read how they are kept. They fill a file for each version."""

    def __init__(self, store: TranscriptionStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"transcriptions": await self._store.dump(account_id)}

    async def files(self, account_id: str) -> Sequence[PersonalFile]:
        """Beside the other files of the version. Each is read when its turn comes: all of them may be gigabytes."""
        found = await self._store.dump(account_id)
        return [PersonalFile(_path(each), write=partial(self._told, account_id, each["_id"])) for each in found]

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase(erasure.account_id)

    async def _told(self, account_id: str, version_id: str) -> str | None:
        data = (await self._store.notes(account_id, [version_id])).get(version_id)
        return None if data is None else await asyncio.to_thread(_to_json, data)


def _path(record: Mapping[str, Any]) -> str:
    return f"tracks/{record['track_id']}/{record['_id']}/notes.json"


def _to_json(data: bytes) -> str:
    return json.dumps({"notes": [asdict(note) for note in unpacked(data)]})
