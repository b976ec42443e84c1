"""Shutting everybody out of an account: sessions, keys and mailed links all at once."""

from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.sessions import SessionService
from domain.accounts.stores.mailed_tokens import MailedTokenStore
from domain.kit.caller import Client
from domain.kit.transactions import Session as Transaction


class LockOut:
    """Within the caller's transaction. Processes elsewhere notice within seconds."""

    def __init__(self, sessions: SessionService, keys: ApiKeyService, tokens: MailedTokenStore) -> None:
        self._sessions = sessions
        self._keys = keys
        self._tokens = tokens

    async def shut(self, account_id: str, client: Client, transaction: Transaction) -> None:
        await self._sessions.end_all(account_id, client, None, transaction)
        await self._keys.revoke_all(account_id, client, transaction)
        await self._tokens.revoke(account_id, transaction)
