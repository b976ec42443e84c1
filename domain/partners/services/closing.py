"""Deleting an organisation: it is over at once, and what it made goes when a worker comes by."""

from datetime import timedelta

import structlog

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import DeletionBlocked
from domain.accounts.letters import LetterWriter
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.security_log import SecurityLog
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.personal_data import PersonalRecords
from domain.kit.transactions import Session, Transactions
from domain.mail.service import MailOutbox
from domain.partners.model import MemberRole, Organisation
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.safelist import OperationSafelist
from domain.partners.stores.invitations import InvitationStore
from domain.partners.stores.operations import OperationStore
from domain.partners.stores.organisations import OrganisationStore

log = structlog.get_logger()

BATCH = 10
# As long as a month of the free plan: whoever founds anew gets no more credits than by waiting.
PLACE_TAKEN = timedelta(days=31)
# Longer than any process believes in a key: what was made meanwhile is erased a minute later, and so is what had to
# wait for something.
WAIT = timedelta(minutes=1)
# The log of what happened to the organisation lies with the accounts' and ends with its time.
KEPT = frozenset({"accounts"})


class OrganisationClosing:
    """Keys, operations and members end in one transaction. Usage and the log of events stay until their time is up."""

    def __init__(
        self,
        store: OrganisationStore,
        organisations: OrganisationService,
        keys: PartnerKeyService,
        operations: OperationStore,
        safelist: OperationSafelist,
        invitations: InvitationStore,
        accounts: AccountDirectory,
        letters: LetterWriter,
        outbox: MailOutbox,
        security: SecurityLog,
        records: PersonalRecords,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._organisations = organisations
        self._keys = keys
        self._operations = operations
        self._safelist = safelist
        self._invitations = invitations
        self._accounts = accounts
        self._letters = letters
        self._outbox = outbox
        self._security = security
        self._records = records
        self._transactions = transactions
        self._clock = clock

    async def close(self, caller: Caller, organisation_id: str, name: str, client: Client = UNKNOWN_CLIENT) -> None:
        """For owners, who confirm it by the organisation's name.

        Raises `ValidationFailed`, `DeletionBlocked`, `NotFound` and `Forbidden`; then nothing has ended.
        """
        organisation = await self._organisations.as_owner(caller, organisation_id)
        if name.strip() != organisation.name:
            raise ValidationFailed([Issue("name", "This is not the organisation's name. Nothing was deleted.")])
        if reasons := await self._records.obstacles(organisation.id):
            raise DeletionBlocked(tuple(reasons))

        async def work(session: Session) -> list[str | None]:
            return await self._end(organisation, caller.require_person(), client, session)

        self._outbox.send_soon(*await self._transactions.run(work))
        self._keys.forget_all(organisation.id)
        self._safelist.forget(organisation.id)

    async def sweep(self) -> int:
        """Removes what closed organisations made, at once and a minute later; returns how many are done with.

        Safe to run many times at once, and after it broke off anywhere.
        """
        erased, now = 0, self._clock.now()
        for erasure in await self._store.to_be_erased(now, BATCH):
            if reasons := await self._records.obstacles(erasure.account_id):
                await self._store.postpone_erasure(erasure.account_id, now + WAIT)
                log.warning("organisation_not_erased", organisation_id=erasure.account_id, reasons=reasons)
                continue
            await self._take_away(erasure.account_id)
            await self._records.erase(erasure, spare=KEPT)
            if await self._store.note_erased(erasure.account_id, now - WAIT, now + WAIT):
                log.info("organisation_erased")
                erased += 1
        await self._store.remove_over(now)
        return erased

    async def _end(self, organisation: Organisation, by: str, client: Client, session: Session) -> list[str | None]:
        """The ids of the letters to all owners. Raises `ValidationFailed` when another call was faster."""
        now = self._clock.now()
        if not await self._store.close(organisation, by, now, now + PLACE_TAKEN, new_id(), session):
            raise ValidationFailed([Issue("name", "The organisation has just been changed. Nothing was deleted.")])
        await self._take_away(organisation.id, session)
        kind, about = SecurityEventKind.ORGANISATION_DELETED, {"name": organisation.name}
        await self._security.record(organisation.id, kind, client, session, account=by, **about)
        # Nobody sees the organisation's own log any more.
        await self._security.record(by, kind, client, session, organisation=organisation.id, **about)
        return [
            await self._outbox.post(account.id, self._letters.organisation_deleted(account.email), session)
            for account in (await self._accounts.by_ids(_owners(organisation))).values()
        ]

    async def _take_away(self, organisation_id: str, session: Session | None = None) -> None:
        """Once with the end and again with the erasure, for what was being made at that moment."""
        await self._keys.end_all(organisation_id, session)
        await self._operations.remove_all(organisation_id, session)
        await self._invitations.remove_all(organisation_id, session)


def _owners(organisation: Organisation) -> list[str]:
    return [member.account_id for member in organisation.members if member.role is MemberRole.OWNER]
