"""Inviting people to an organisation, and what they answer."""

from collections.abc import Sequence

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import LinkRefused
from domain.accounts.identity_errors import EmailUnverified
from domain.accounts.letters import LetterWriter
from domain.accounts.mailed_tokens import hash_of, new_token
from domain.accounts.model import Account, email_issues, normalise_email
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.security_log import SecurityLog
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import Issue, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.transactions import DuplicateKey, Session, Transactions
from domain.mail.service import MailOutbox
from domain.partners.errors import InvitationForAnotherAddress
from domain.partners.invitations import LIFETIME, MAX_INVITATIONS, Invitation, ReceivedInvitation
from domain.partners.model import MAX_MEMBERS, Member, MemberRole, Organisation
from domain.partners.services.organisations import OrganisationService, check_rank
from domain.partners.stores.invitations import InvitationStore
from domain.partners.stores.organisations import OrganisationStore

PURPOSE = "invitation mail"
TRIES = 3


class InvitationService:
    """Whether an address has an account is not told: the letter goes out in any case."""

    def __init__(
        self,
        store: InvitationStore,
        records: OrganisationStore,
        organisations: OrganisationService,
        accounts: AccountDirectory,
        attempts: Attempts,
        letters: LetterWriter,
        outbox: MailOutbox,
        security: SecurityLog,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._organisations = organisations
        self._accounts = accounts
        self._attempts = attempts
        self._letters = letters
        self._outbox = outbox
        self._security = security
        self._transactions = transactions
        self._clock = clock

    async def invite(
        self, caller: Caller, organisation_id: str, email: str, role: MemberRole, client: Client = UNKNOWN_CLIENT
    ) -> Invitation:
        """Mails a secret that is good for a week. Repeating it makes the letters before worthless.

        Raises `ValidationFailed`, `TooManyAttempts`, `NotFound` and `Forbidden`; only owners invite owners.
        """
        organisation = await self._organisations.as_manager(caller, organisation_id)
        check_rank(organisation, caller, None, role)
        address, by = normalise_email(email), caller.require_person()
        if issues := email_issues(address) or await self._membership_issues(caller, organisation_id, address):
            raise ValidationFailed(issues)
        for name in (by, address):
            await self._attempts.count(PURPOSE, name, client)
        now, token = self._clock.now(), new_token()
        wanted = Invitation(new_id(), organisation_id, address, role, by, now, now + LIFETIME)

        async def work(session: Session) -> tuple[Invitation, str | None]:
            if await self._store.count_others(organisation_id, address, now, session) >= MAX_INVITATIONS:
                reason = f"{MAX_INVITATIONS} invitations wait for an answer already. Take one back first."
                raise ValidationFailed([Issue("email", reason)])
            invitation = await self._store.renew(wanted, hash_of(token), session)
            await self._record(SecurityEventKind.MEMBER_INVITED, invitation, by, client, session)
            # It is the organisation's letter: nothing may hang on whether the address has an account.
            mail = self._letters.invitation(address, token)
            return invitation, await self._outbox.post(organisation_id, mail, session)

        for attempt in range(TRIES):
            try:
                invitation, mail_id = await self._transactions.run(work)
                break
            except DuplicateKey:
                if attempt == TRIES - 1:
                    raise
        self._outbox.send_soon(mail_id)
        return invitation

    async def accept(self, caller: Caller, token: str, client: Client = UNKNOWN_CLIENT) -> Organisation:
        """Makes the caller a member; who became one meanwhile keeps that role.

        Raises `LinkRefused`, `InvitationForAnotherAddress`, `EmailUnverified`, and `ValidationFailed` for an
        organisation that is full; then the invitation stays.
        """
        account = await self._account(caller)

        async def work(session: Session) -> Organisation:
            invitation, organisation = await self._open(token, session)
            if invitation.email != account.email:
                raise InvitationForAnotherAddress()
            if not account.email_verified:
                raise EmailUnverified()
            await self._store.remove(invitation.id, session)
            if organisation.role_of(account.id) is not None:
                return organisation
            member = Member(account.id, invitation.role, self._clock.now())
            changed = await self._records.add_member(organisation.id, member, session)
            if changed is None:
                raise ValidationFailed([Issue("token", f"The organisation has {MAX_MEMBERS} members already.")])
            await self._record(SecurityEventKind.MEMBER_APPOINTED, invitation, account.id, client, session)
            return changed

        return await self._transactions.run(work)

    async def decline(self, token: str, client: Client = UNKNOWN_CLIENT) -> None:
        """For whoever has the letter, with an account or without. Raises `LinkRefused`."""

        async def work(session: Session) -> None:
            invitation, _ = await self._open(token, session)
            await self._store.remove(invitation.id, session)
            await self._record(SecurityEventKind.INVITATION_DECLINED, invitation, "", client, session)

        await self._transactions.run(work)

    async def revoke(self, caller: Caller, invitation_id: str, client: Client = UNKNOWN_CLIENT) -> None:
        """Raises `NotFound`."""
        by, found = caller.require_person(), (await self.by_ids(caller, [invitation_id])).get(invitation_id)
        if found is None:
            raise NotFound("invitation", invitation_id)

        async def work(session: Session) -> None:
            if not await self._store.remove(invitation_id, session):
                raise NotFound("invitation", invitation_id)
            await self._record(SecurityEventKind.INVITATION_REVOKED, found, by, client, session)

        await self._transactions.run(work)

    async def of_organisation(self, caller: Caller, organisation_id: str) -> Sequence[Invitation]:
        """Those that wait for an answer, newest first, for those who manage the organisation.

        Raises `NotFound` and `Forbidden`.
        """
        organisation = await self._organisations.as_manager(caller, organisation_id)
        return await self._honoured([organisation])

    async def by_ids(self, caller: Caller, ids: Sequence[str]) -> dict[str, Invitation]:
        """Those among these of organisations that the caller manages."""
        by = caller.require_person()
        managed = [found for found in await self._organisations.mine(caller) if found.is_managed_by(by)]
        return {invitation.id: invitation for invitation in await self._honoured(managed, ids)}

    async def received(self, caller: Caller) -> Sequence[ReceivedInvitation]:
        """Those to the caller's own address, newest first; none as long as it is not verified."""
        account = await self._account(caller)
        if not account.email_verified:
            return []
        found = await self._store.to_address(account.email, self._clock.now())
        by_id = await self._records.find_many([invitation.organisation_id for invitation in found])
        return [
            ReceivedInvitation(invitation, organisation)
            for invitation in found
            if (organisation := by_id.get(invitation.organisation_id)) and invitation.is_honoured_by(organisation)
        ]

    async def _honoured(
        self, organisations: Sequence[Organisation], ids: Sequence[str] | None = None
    ) -> Sequence[Invitation]:
        by_id = {organisation.id: organisation for organisation in organisations}
        found = await self._store.of_organisations(list(by_id), self._clock.now(), ids)
        return [invitation for invitation in found if invitation.is_honoured_by(by_id[invitation.organisation_id])]

    async def _open(self, token: str, session: Session) -> tuple[Invitation, Organisation]:
        """Raises `LinkRefused`."""
        invitation = await self._store.find_by_token(hash_of(token), self._clock.now(), session)
        organisation = None if invitation is None else await self._records.find(invitation.organisation_id, session)
        if invitation is None or organisation is None or not invitation.is_honoured_by(organisation):
            raise LinkRefused()
        return invitation, organisation

    async def _account(self, caller: Caller) -> Account:
        account_id = caller.require_person()
        account = (await self._accounts.by_ids([account_id])).get(account_id)
        if account is None:
            raise Unauthenticated("This account no longer exists. Sign in again.")
        return account

    async def _membership_issues(self, caller: Caller, organisation_id: str, email: str) -> Sequence[Issue]:
        """Members are known to whoever invites, so this tells nothing about others."""
        members = await self._organisations.people(caller, organisation_id)
        if all(membership.account.email != email for membership in members):
            return []
        return [Issue("email", "This person is a member already; see `changeOrganisationMemberRole`.")]

    async def _record(
        self, kind: SecurityEventKind, invitation: Invitation, by: str, client: Client, session: Session
    ) -> None:
        """The log outlives the person's wish to be forgotten, so it has no address."""
        detail = {"invitation": invitation.id, "role": invitation.role.value, **({"account": by} if by else {})}
        await self._security.record(invitation.organisation_id, kind, client, session, **detail)
