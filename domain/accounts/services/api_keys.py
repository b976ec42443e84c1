"""API keys: making, listing and revoking them, and telling whose one is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.accounts.api_keys import FORM, MAX_KEYS, ApiKey
from domain.accounts.audit import SecurityEventKind
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.stores.api_keys import ApiKeyStore
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Issue, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session as Transaction
from domain.kit.trust.key_verification import KeyVerification
from domain.kit.trust.secret_keys import hash_of, new_key_issues

REFUSAL = "This API key is not valid, has expired or was revoked."


class ApiKeyService:
    """A key acts for its account within its scopes. A revoked one is out here at once, elsewhere within seconds."""

    def __init__(self, store: ApiKeyStore, security: SecurityLog, clock: Clock, trusted: timedelta) -> None:
        self._store = store
        self._security = security
        self._clock = clock
        self._verification: KeyVerification[ApiKey] = KeyVerification(FORM, store, clock, trusted, REFUSAL)

    async def create(
        self,
        caller: Caller,
        name: str,
        scopes: Sequence[Scope],
        expires_at: datetime | None = None,
        client: Client = UNKNOWN_CLIENT,
    ) -> tuple[ApiKey, str]:
        """The key and its text, which nobody can see again. Raises `ValidationFailed`."""
        account_id, now = caller.require_person(), self._clock.now()
        if issues := new_key_issues(name, scopes, expires_at, now):
            raise ValidationFailed(issues)
        if len(await self._store.of_account(account_id)) >= MAX_KEYS:
            raise ValidationFailed([Issue("name", f"There are {MAX_KEYS} keys already. Revoke one first.")])
        text = FORM.new()
        prefix = FORM.prefix_of(text) or ""
        key = ApiKey(new_id(), account_id, name.strip(), prefix, frozenset(scopes), now, expires_at)
        await self._store.insert(key, hash_of(text))
        kind = SecurityEventKind.API_KEY_CREATED
        await self._security.record(account_id, kind, client, name=key.name, prefix=key.prefix)
        return key, text

    async def keys(self, caller: Caller) -> Sequence[ApiKey]:
        """The caller's keys, newest first."""
        return await self._store.of_account(caller.require_person())

    async def keys_by_id(self, caller: Caller, key_ids: Sequence[str]) -> dict[str, ApiKey]:
        """The caller's keys among these ids, in one query."""
        return {key.id: key for key in await self._store.of_account(caller.require_person(), key_ids)}

    async def revoke(self, caller: Caller, key_id: str, client: Client = UNKNOWN_CLIENT) -> ApiKey:
        """Raises `NotFound`."""
        account_id = caller.require_person()
        key = await self._store.revoke(account_id, key_id)
        if key is None:
            raise NotFound("API key", key_id)
        self._verification.forget(key_id)
        kind = SecurityEventKind.API_KEY_REVOKED
        await self._security.record(account_id, kind, client, name=key.name, prefix=key.prefix)
        return key

    async def revoke_all(self, account_id: str, client: Client, transaction: Transaction) -> int:
        """For services that must shut everybody out; returns how many keys there were."""
        revoked = await self._store.revoke_all(account_id, transaction)
        self._verification.forget_where(lambda key: key.account_id == account_id)
        if revoked:
            kind = SecurityEventKind.API_KEYS_REVOKED
            await self._security.record(account_id, kind, client, transaction, keys=str(revoked))
        return revoked

    async def count_live(self, account_id: str, transaction: Transaction) -> int:
        """How many keys work, for services that tell their owner."""
        return await self._store.count_live(account_id, self._clock.now(), transaction)

    async def caller_of(self, text: str) -> Caller:
        """Raises `Unauthenticated`."""
        return (await self._verification.verify(text)).as_caller()

    async def owners(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The accounts of those keys among these that work."""
        return await self._store.owners(ids, self._clock.now())
