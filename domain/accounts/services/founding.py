"""Making an account, with all that belongs to its first moment."""

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import EmailTaken
from domain.accounts.identities import LinkedIdentity
from domain.accounts.model import Account
from domain.accounts.services.emails import EmailService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.sessions import Session
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.identities import IdentityStore
from domain.kit.caller import Client
from domain.kit.transactions import DuplicateKey, Transactions
from domain.kit.transactions import Session as Transaction
from domain.mail.service import MailOutbox


class AccountFounding:
    """For whoever has proven what an account needs: a password, or who they are at a provider."""

    def __init__(
        self,
        store: AccountStore,
        identities: IdentityStore,
        sessions: SessionService,
        emails: EmailService,
        outbox: MailOutbox,
        security: SecurityLog,
        transactions: Transactions,
    ) -> None:
        self._store = store
        self._identities = identities
        self._sessions = sessions
        self._emails = emails
        self._outbox = outbox
        self._security = security
        self._transactions = transactions

    async def found(
        self, account: Account, password_hash: str | None, client: Client, identity: LinkedIdentity | None = None
    ) -> Session:
        """Makes the account and signs it in, at once or not at all; an address that is not verified gets a link to.

        An identity can only be linked with a verified address. Raises `EmailTaken`, also for an identity that is taken.
        """
        by = {} if identity is None else {"provider": identity.provider}

        async def work(transaction: Transaction) -> tuple[Session, str | None]:
            await self._store.insert(account, password_hash, transaction)
            if identity is not None:
                await self._identities.link(account.id, identity, transaction)
            await self._security.record(account.id, SecurityEventKind.SIGNED_UP, client, transaction, **by)
            mail_id = None if account.email_verified else await self._emails.post_verification(account, transaction)
            return await self._sessions.start(account, client, transaction), mail_id

        try:
            session, mail_id = await self._transactions.run(work)
        except DuplicateKey as error:
            raise EmailTaken(account.email) from error
        self._outbox.send_soon(mail_id)
        return session
