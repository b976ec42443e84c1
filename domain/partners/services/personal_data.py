"""What organisations know of the people in them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.accounts.services.directory import AccountDirectory
from domain.kit.clock import Clock
from domain.kit.ids import new_id
from domain.kit.personal_data import Erasure, PersonalData, PersonalRecords
from domain.partners.model import MemberRole, Organisation
from domain.partners.stores.invitations import InvitationStore
from domain.partners.stores.keys import PartnerKeyStore
from domain.partners.stores.operations import OperationStore
from domain.partners.stores.organisations import OrganisationStore
from domain.partners.stores.usage import UsageStore


class PartnerPersonalData(PersonalData):
    """An organisation goes with its only member, and all it owns with it; others stay, and need an owner."""

    def __init__(
        self,
        organisations: OrganisationStore,
        keys: PartnerKeyStore,
        operations: OperationStore,
        usage: UsageStore,
        invitations: InvitationStore,
        accounts: AccountDirectory,
        records: PersonalRecords,
        clock: Clock,
    ) -> None:
        self._organisations = organisations
        self._keys = keys
        self._operations = operations
        self._usage = usage
        self._invitations = invitations
        self._accounts = accounts
        self._records = records
        self._clock = clock

    async def obstacle(self, account_id: str) -> str | None:
        for organisation in await self._organisations.of_member(account_id):
            if len(organisation.members) == 1:
                obstacles = await self._records.obstacles(organisation.id)
                if obstacles:
                    return f"Of your organisation {organisation.name!r}: {obstacles[0]}"
            elif _owners(organisation) == [account_id]:
                return f"You are the last owner of {organisation.name!r}. Make another member its owner first."
        return None

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        """Memberships and invitations; what an organisation owns is the organisation's."""
        email = await self._proven_address(account_id)
        invited = [] if email is None else await self._invitations.to_address(email, self._clock.now())
        return {
            "invitations": [
                {"role": each.role.value, "invited_at": each.invited_at, "expires_at": each.expires_at}
                for each in invited
            ],
            "organisations": [
                {"id": each.id, "name": each.name, "role": member.role.value, "since": member.since}
                for each in await self._organisations.of_member(account_id)
                for member in each.members
                if member.account_id == account_id
            ],
        }

    async def erase(self, erasure: Erasure) -> None:
        for organisation in await self._organisations.of_member(erasure.account_id):
            if len(organisation.members) == 1:
                await self._dissolve(organisation)
            else:
                await self._organisations.remove_member(organisation.id, erasure.account_id)
        for store in (self._organisations, self._keys, self._operations):
            await store.rename_author(erasure.account_id, erasure.pseudonym)
        email = await self._proven_address(erasure.account_id)
        await self._invitations.remove_of_person(erasure.account_id, email)

    async def _proven_address(self, account_id: str) -> str | None:
        """Anybody may sign up with any address: what is sent to one that is not verified is somebody else's."""
        account = (await self._accounts.by_ids([account_id])).get(account_id)
        return account.email if account is not None and account.email_verified else None

    async def _dissolve(self, organisation: Organisation) -> None:
        """The organisation's own record goes last, so that one that broke off is taken up again."""
        await self._keys.remove_all(organisation.id)
        await self._operations.remove_all(organisation.id)
        await self._usage.remove_all(organisation.id)
        await self._invitations.remove_all(organisation.id)
        await self._records.erase(Erasure(organisation.id, new_id()))
        await self._organisations.remove(organisation.id)


def _owners(organisation: Organisation) -> Sequence[str]:
    return [member.account_id for member in organisation.members if member.role is MemberRole.OWNER]
