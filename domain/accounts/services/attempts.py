"""Letting only so many guesses through, for an account and from an address."""

import math

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import TooManyAttempts
from domain.accounts.services.security_log import NOBODY, SecurityLog
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.throttling import ThrottlePolicy, buckets, telling
from domain.kit.caller import Client
from domain.kit.trust.throttle import Throttle


class Attempts:
    """An attempt is counted before it is looked at, so that many at once gain nothing; a good one is given back."""

    def __init__(
        self, throttle: Throttle, accounts: AccountStore, security: SecurityLog, policy: ThrottlePolicy
    ) -> None:
        self._throttle = throttle
        self._accounts = accounts
        self._security = security
        self._policy = policy

    async def count(self, purpose: str, account: str, client: Client) -> None:
        """Raises `TooManyAttempts`, for accounts that exist and that do not alike.

        With an empty `account` only the address counts.
        """
        wait = await self._throttle.take(buckets(self._policy, purpose, account, client.address))
        if wait > 0:
            await self._tell(purpose, account, client)
            raise TooManyAttempts(math.ceil(wait))

    async def forgive(self, purpose: str, account: str, client: Client) -> None:
        await self._throttle.give_back(buckets(self._policy, purpose, account, client.address))

    async def _tell(self, purpose: str, account: str, client: Client) -> None:
        """Once in a while is enough: an attack may be thousands a minute."""
        if await self._throttle.take(telling(self._policy, purpose, account)) > 0:
            self._security.count(SecurityEventKind.ATTEMPTS_THROTTLED)
            return
        found = await self._accounts.find_by_email_or_id(account)
        account_id = NOBODY if found is None else found.id
        await self._security.record(account_id, SecurityEventKind.ATTEMPTS_THROTTLED, client, purpose=purpose)
