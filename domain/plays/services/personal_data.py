"""What a person has listened to, and how often their tracks were played."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.plays.store import PlayStore


class PlayPersonalData(PersonalData):
    """A play of another person's track stays counted when nobody can tell any more who listened."""

    def __init__(self, store: PlayStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"plays": [asdict(play) for play in await self._store.all_of(account_id)]}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase_owned(erasure.account_id)
        await self._store.forget(erasure.account_id)
