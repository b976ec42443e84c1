"""Giving out secrets by mail and taking them back, once."""

from domain.accounts.errors import LinkRefused
from domain.accounts.mailed_tokens import LIFETIMES, MailedToken, TokenPurpose, hash_of, new_token
from domain.accounts.stores.mailed_tokens import MailedTokenStore
from domain.kit.clock import Clock
from domain.kit.transactions import Session as Transaction


class MailedTokens:
    """Only hashes are kept. A new token of a kind replaces the one before."""

    def __init__(self, store: MailedTokenStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def issue(self, account_id: str, purpose: TokenPurpose, email: str, transaction: Transaction) -> str:
        """The token's text. Under the account id "" it costs the same and is good for nothing."""
        text = new_token()
        token = MailedToken(account_id, purpose, email, self._clock.now() + LIFETIMES[purpose])
        await self._store.replace(hash_of(text), token, transaction)
        return text

    async def redeem(self, text: str, purpose: TokenPurpose, transaction: Transaction) -> MailedToken:
        """Raises `LinkRefused`."""
        token = await self._store.take(hash_of(text), purpose, self._clock.now(), transaction)
        if token is None or not token.account_id:
            raise LinkRefused()
        return token

    async def revoke(self, account_id: str, transaction: Transaction) -> None:
        await self._store.revoke(account_id, transaction)
