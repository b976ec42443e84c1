"""What a person likes, and who likes their tracks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.likes.services.count import LikeCounting
from domain.likes.store import LikeStore


class LikePersonalData(PersonalData):
    """The likes of a person who is gone are taken from the counts."""

    def __init__(self, store: LikeStore, counting: LikeCounting) -> None:
        self._store = store
        self._counting = counting

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {"likes": await self._store.dump(account_id)}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.erase_owned(erasure.account_id)
        await self._store.take_back(erasure.account_id)
        await self._counting.settle(erasure.account_id)
