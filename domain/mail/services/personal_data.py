"""What the outbox knows of a person: messages that are on their way to them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.mail.store import MailStore


class MailPersonalData(PersonalData):
    """A message that waits will be in the person's mailbox anyway, so it is not exported."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {}

    async def erase(self, erasure: Erasure) -> None:
        await self._store.remove_of(erasure.account_id)
