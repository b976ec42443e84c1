"""Organisations and their members: founding, looking at them, giving roles, and removing people."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.accounts.audit import SecurityEvent, SecurityEventKind
from domain.accounts.model import Account, normalise_email
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.security_log import SecurityLog
from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import Forbidden, NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.rate_limit import Bucket
from domain.kit.transactions import DuplicateKey, Session
from domain.partners.errors import LastOwner, TooManyOrganisations
from domain.partners.model import MAX_FOUNDED, Member, MemberRole, Organisation, name_issues
from domain.partners.stores.organisations import OrganisationStore


@dataclass(frozen=True)
class Membership:
    """A member with what others of the organisation may know of the person."""

    account: Account
    member: Member


class OrganisationService:
    """People only: an organisation's own keys do not manage it. All calls raise `Unauthenticated` and `Forbidden`."""

    def __init__(
        self,
        store: OrganisationStore,
        accounts: AccountDirectory,
        security: SecurityLog,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._security = security
        self._idempotency = idempotency
        self._clock = clock

    async def found(self, caller: Caller, name: str, key: str | None = None) -> Organisation:
        """A new organisation with the caller as its owner.

        Raises `ValidationFailed`, `TooManyOrganisations` and `IdempotencyConflict`; `NotFound` when a repeated call's
        organisation is not the caller's any more.
        """
        founder_id, now = caller.require_person(), self._clock.now()
        if issues := [*name_issues(name), *key_issues(key)]:
            raise ValidationFailed(issues)
        owner = Member(founder_id, MemberRole.OWNER, now)
        organisation = Organisation(new_id(), name.strip(), founder_id, now, (owner,))
        call = keyed_call(founder_id, key, "createOrganisation", {"name": name})

        async def work(session: Session) -> Sequence[str]:
            slot = await self._store.free_slot(founder_id, session)
            if slot is None:
                raise TooManyOrganisations(MAX_FOUNDED)
            await self._store.insert(organisation, slot, session)
            return [organisation.id]

        for _ in range(MAX_FOUNDED):
            try:
                (organisation_id,), made = await self._idempotency.once(call, work)
            except DuplicateKey:
                # another call took the slot at the same moment
                continue
            return organisation if made else await self.as_member(caller, organisation_id)
        raise TooManyOrganisations(MAX_FOUNDED)

    async def mine(self, caller: Caller) -> Sequence[Organisation]:
        """Those that the caller is a member of, newest first."""
        return await self._store.of_member(caller.require_person())

    async def by_ids(self, caller: Caller, ids: Sequence[str]) -> dict[str, Organisation]:
        """The caller's among these, in one query."""
        return {found.id: found for found in await self._store.of_member(caller.require_person(), ids)}

    async def as_member(self, caller: Caller, organisation_id: str) -> Organisation:
        """Raises `NotFound` for one that the caller is no member of."""
        found = await self._store.find_as_member(caller.require_person(), organisation_id)
        if found is None:
            raise NotFound("organisation", organisation_id)
        return found

    async def as_manager(self, caller: Caller, organisation_id: str) -> Organisation:
        """Raises `NotFound`, and `Forbidden` for a member who may only look."""
        found = await self.as_member(caller, organisation_id)
        if not found.is_managed_by(caller.require_person()):
            raise Forbidden("Only owners and administrators of the organisation may do this.")
        return found

    async def as_owner(self, caller: Caller, organisation_id: str) -> Organisation:
        """Raises `NotFound`, and `Forbidden` for members who do not own it."""
        found = await self.as_member(caller, organisation_id)
        if found.role_of(caller.require_person()) is not MemberRole.OWNER:
            raise Forbidden("Only owners of the organisation may do this.")
        return found

    async def rename(
        self, caller: Caller, organisation_id: str, name: str, client: Client = UNKNOWN_CLIENT
    ) -> Organisation:
        """For owners; tracks that are there keep the name they were made under.

        Raises `ValidationFailed`, `NotFound` and `Forbidden`.
        """
        organisation = await self.as_owner(caller, organisation_id)
        if issues := name_issues(name):
            raise ValidationFailed(issues)
        by = caller.require_person()
        changed = await self._store.rename(organisation_id, by, name.strip())
        if changed is None:
            raise NotFound("organisation", organisation_id)
        kind, before = SecurityEventKind.ORGANISATION_RENAMED, organisation.name
        await self._security.record(organisation_id, kind, client, account=by, name=changed.name, before=before)
        return changed

    async def people(self, caller: Caller, organisation_id: str) -> Sequence[Membership]:
        """Its members, those of longest standing first; without those whose accounts are gone."""
        organisation = await self.as_member(caller, organisation_id)
        accounts = await self._accounts.by_ids([member.account_id for member in organisation.members])
        found = [member for member in organisation.members if member.account_id in accounts]
        return [Membership(accounts[member.account_id], member) for member in found]

    async def change_role(
        self, caller: Caller, organisation_id: str, email: str, role: MemberRole, client: Client = UNKNOWN_CLIENT
    ) -> Organisation:
        """Gives a member another role. Raises `NotFound` and `LastOwner`; only owners may make and unmake owners."""
        organisation = await self.as_manager(caller, organisation_id)
        account = await self._member_at(organisation, email)
        check_rank(organisation, caller, organisation.role_of(account.id), role)
        changed = await self._store.set_role(organisation_id, account.id, role)
        if changed is None:
            raise LastOwner(organisation_id)
        kind = SecurityEventKind.MEMBER_APPOINTED
        await self._security.record(organisation_id, kind, client, account=account.id, role=role.value)
        return changed

    async def dismiss(
        self, caller: Caller, organisation_id: str, email: str, client: Client = UNKNOWN_CLIENT
    ) -> Organisation:
        """Removes a member; everybody may remove themselves. Raises `NotFound` and `LastOwner`."""
        organisation = await self.as_member(caller, organisation_id)
        account = await self._member_at(organisation, email)
        if account.id != caller.account_id:
            organisation = await self.as_manager(caller, organisation_id)
            check_rank(organisation, caller, organisation.role_of(account.id), MemberRole.MEMBER)
        changed = await self._store.remove_member(organisation_id, account.id)
        if changed is None:
            raise LastOwner(organisation_id)
        kind = SecurityEventKind.MEMBER_DISMISSED
        await self._security.record(organisation_id, kind, client, account=account.id)
        return changed

    async def security_events(self, caller: Caller, organisation_id: str, page: PageRequest) -> Page[SecurityEvent]:
        """What happened to the organisation, newest first; for those who manage it."""
        organisation = await self.as_manager(caller, organisation_id)
        return await self._security.events(Caller(organisation.id), page)

    async def grant(self, organisation_id: str, budget: Bucket | None) -> None:
        """For operators, who hold the database anyway: another budget, or the usual one again. Raises `NotFound`."""
        if await self._store.set_budget(organisation_id, budget) is None:
            raise NotFound("organisation", organisation_id)

    async def _member_at(self, organisation: Organisation, email: str) -> Account:
        """Raises `NotFound`."""
        accounts = await self._accounts.by_ids([member.account_id for member in organisation.members])
        wanted = normalise_email(email)
        account = next((found for found in accounts.values() if found.email == wanted), None)
        if account is None:
            raise NotFound("member", email)
        return account


def check_rank(organisation: Organisation, caller: Caller, before: MemberRole | None, after: MemberRole) -> None:
    """Raises `Forbidden` for an administrator who would make or unmake an owner."""
    by = caller.require_person()
    if not all(organisation.may_appoint(by, role) for role in (before, after) if role is not None):
        raise Forbidden("Only an owner may make somebody an owner, or an owner something else.")
