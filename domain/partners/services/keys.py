"""Partner keys: making, listing and revoking them, and telling as which organisation one calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.accounts.audit import SecurityEventKind
from domain.accounts.services.security_log import SecurityLog
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Issue, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.kit.trust.key_verification import KeyVerification
from domain.kit.trust.secret_keys import hash_of, new_key_issues
from domain.kit.trust.short_trust import ShortTrust
from domain.partners.keys import FORM, MAX_KEYS, USUAL_SCOPES, PartnerKey
from domain.partners.model import Organisation
from domain.partners.services.organisations import OrganisationService
from domain.partners.stores.keys import PartnerKeyStore
from domain.partners.stores.organisations import OrganisationStore

REFUSAL = "This partner key is not valid, has expired or was revoked."


class PartnerKeyService:
    """A key calls as its organisation. A revoked one is out here at once, elsewhere within seconds."""

    def __init__(
        self,
        store: PartnerKeyStore,
        records: OrganisationStore,
        organisations: OrganisationService,
        security: SecurityLog,
        clock: Clock,
        trusted: timedelta,
    ) -> None:
        self._store = store
        self._records = records
        self._organisations = organisations
        self._security = security
        self._clock = clock
        self._verification: KeyVerification[PartnerKey] = KeyVerification(FORM, store, clock, trusted, REFUSAL)
        self._known: ShortTrust[Organisation] = ShortTrust(clock, trusted)

    async def create(
        self,
        caller: Caller,
        organisation_id: str,
        name: str,
        scopes: Sequence[Scope] | None = None,
        expires_at: datetime | None = None,
        client: Client = UNKNOWN_CLIENT,
    ) -> tuple[PartnerKey, str]:
        """The key and its text, which nobody can see again. Raises `ValidationFailed`, `NotFound` and `Forbidden`."""
        organisation, now = await self._organisations.as_manager(caller, organisation_id), self._clock.now()
        chosen = USUAL_SCOPES if scopes is None else scopes
        if issues := new_key_issues(name, chosen, expires_at, now):
            raise ValidationFailed(issues)
        if len(await self._store.of_organisations([organisation.id])) >= MAX_KEYS:
            raise ValidationFailed([Issue("name", f"There are {MAX_KEYS} keys already. Revoke one first.")])
        text = FORM.new()
        key = PartnerKey(
            id=new_id(),
            organisation_id=organisation.id,
            name=name.strip(),
            prefix=FORM.prefix_of(text) or "",
            scopes=frozenset(chosen),
            created_by=caller.require_person(),
            created_at=now,
            expires_at=expires_at,
        )
        await self._store.insert(key, hash_of(text))
        await self._record(SecurityEventKind.PARTNER_KEY_CREATED, key, caller, client)
        return key, text

    async def keys(self, caller: Caller, organisation_id: str) -> Sequence[PartnerKey]:
        """For all members, newest first. Raises `NotFound`."""
        organisation = await self._organisations.as_member(caller, organisation_id)
        return await self._store.of_organisations([organisation.id])

    async def by_ids(self, caller: Caller, ids: Sequence[str]) -> dict[str, PartnerKey]:
        """Those of the caller's organisations among these."""
        mine = [organisation.id for organisation in await self._organisations.mine(caller)]
        return {key.id: key for key in await self._store.of_organisations(mine, ids)}

    async def revoke(self, caller: Caller, key_id: str, client: Client = UNKNOWN_CLIENT) -> PartnerKey:
        """Raises `NotFound`, and `Forbidden` for members who may only look."""
        seen = (await self.by_ids(caller, [key_id])).get(key_id)
        if seen is None:
            raise NotFound("partner key", key_id)
        organisation = await self._organisations.as_manager(caller, seen.organisation_id)
        key = await self._store.revoke([organisation.id], key_id)
        if key is None:
            raise NotFound("partner key", key_id)
        self._verification.forget(key_id)
        await self._record(SecurityEventKind.PARTNER_KEY_REVOKED, key, caller, client)
        return key

    async def end_all(self, organisation_id: str, session: Session | None = None) -> None:
        """For an organisation that ends; after the transaction, call `forget_all`."""
        await self._store.remove_all(organisation_id, session)

    def forget_all(self, organisation_id: str) -> None:
        """Here they are out at once, elsewhere within seconds."""
        self._verification.forget_where(lambda key: key.organisation_id == organisation_id)
        self._known.forget([organisation_id])

    async def caller_of(self, text: str) -> Caller:
        """Raises `Unauthenticated`."""
        key = await self._verification.verify(text)
        organisation = self._known.get(key.organisation_id)
        if organisation is None:
            organisation = await self._records.find(key.organisation_id)
            if organisation is None:
                raise Unauthenticated(REFUSAL)
            self._known.put(organisation.id, organisation)
        return key.as_caller(organisation.budget)

    async def owners(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The organisations of those keys among these that work."""
        return await self._store.owners(ids, self._clock.now())

    async def name_of(self, caller: Caller) -> str:
        """What the organisation that calls is named. Raises `Unauthenticated` and `Forbidden`."""
        organisation = await self._records.find(caller.require_partner())
        if organisation is None:
            raise Unauthenticated(REFUSAL)
        return organisation.name

    async def _record(self, kind: SecurityEventKind, key: PartnerKey, caller: Caller, client: Client) -> None:
        by = caller.require_person()
        await self._security.record(key.organisation_id, kind, client, name=key.name, prefix=key.prefix, account=by)
