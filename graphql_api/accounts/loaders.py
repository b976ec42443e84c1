"""What belongs to the caller's account, many ids in one query."""

from domain.accounts.api_keys import ApiKey
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.sessions import SessionService
from domain.accounts.sessions import SessionRecord
from graphql_api.core.context import AreaLoader


class SessionLoader(AreaLoader[str, SessionRecord | None]):
    async def load_batch(self, keys: list[str]) -> list[SessionRecord | None]:
        found = await self.context.service(SessionService).sessions_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]


class ApiKeyLoader(AreaLoader[str, ApiKey | None]):
    async def load_batch(self, keys: list[str]) -> list[ApiKey | None]:
        found = await self.context.service(ApiKeyService).keys_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]
