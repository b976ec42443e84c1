"""The caller's transfers, many ids in one query."""

from domain.credits.model import Transfer
from domain.credits.services.wallets import CreditWallets
from graphql_api.core.context import AreaLoader


class TransferLoader(AreaLoader[str, Transfer | None]):
    async def load_batch(self, keys: list[str]) -> list[Transfer | None]:
        found = await self.context.service(CreditWallets).transfers_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]
