"""What is known of a person's payments. Orders are books as well: a pseudonym takes the person's place in them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.payments.store import OrderStore, SubscriptionStore


class PaymentPersonalData(PersonalData):
    """Nobody is forgotten who still pays every month: nobody could end that afterwards."""

    def __init__(self, orders: OrderStore, subscriptions: SubscriptionStore) -> None:
        self._orders = orders
        self._subscriptions = subscriptions

    async def obstacle(self, account_id: str) -> str | None:
        if await self._subscriptions.live_of(account_id) is None:
            return None
        return "You still pay for a plan. Cancel it first; see `openBillingPortal`."

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {
            "orders": await self._orders.dump(account_id),
            "subscriptions": await self._subscriptions.dump(account_id),
        }

    async def erase(self, erasure: Erasure) -> None:
        await self._orders.rename_owner(erasure.account_id, erasure.pseudonym)
        await self._subscriptions.rename_owner(erasure.account_id, erasure.pseudonym)
