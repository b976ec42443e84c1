"""Linking providers with an account, and unlinking them."""

from collections.abc import Sequence

from domain.accounts.audit import SecurityEventKind
from domain.accounts.identities import LinkedIdentity, ProvenIdentity
from domain.accounts.identity_errors import EmailUnverified, IdentityTaken, LastWayIn, ProviderAlreadyLinked
from domain.accounts.identity_provider import IdentityProviders
from domain.accounts.letters import LetterWriter
from domain.accounts.model import Account
from domain.accounts.provider_attempts import AttemptPurpose, ProviderAnswer, StartedAttempt
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.provider_attempts import ProviderAttempts
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.identities import IdentityStore
from domain.kit.caller import Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, Unauthenticated
from domain.kit.transactions import DuplicateKey, Transactions
from domain.kit.transactions import Session as Transaction
from domain.mail.service import MailOutbox


class IdentityLinks:
    """One identity of each provider, on accounts with a verified address only.

    So whoever gets an account by mail to its address finds nobody's identity there who never read mail there.
    """

    def __init__(
        self,
        store: IdentityStore,
        accounts: AccountStore,
        attempts: ProviderAttempts,
        providers: IdentityProviders,
        proof: PasswordProof,
        letters: LetterWriter,
        outbox: MailOutbox,
        security: SecurityLog,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._attempts = attempts
        self._providers = providers
        self._proof = proof
        self._letters = letters
        self._outbox = outbox
        self._security = security
        self._transactions = transactions
        self._clock = clock

    async def of_caller(self, caller: Caller) -> Sequence[LinkedIdentity]:
        """The caller's identities, the oldest first."""
        return await self._store.of_account(caller.require(Scope.ACCOUNT_READ))

    async def start(
        self, caller: Caller, provider_name: str, redirect_uri: str, password: str, client: Client
    ) -> StartedAttempt:
        """Asks for the password, because an identity is a way in that outlives a stolen session.

        Raises `PasswordNotSet`, `WrongCredentials`, `TooManyAttempts`, `EmailUnverified`, `ValidationFailed` and
        `SignInProviderUnavailable`.
        """
        account = await self._proof.check(caller, password, client)
        if not account.email_verified:
            raise EmailUnverified()
        return await self._attempts.start(provider_name, redirect_uri, AttemptPurpose.LINK, account.id)

    async def complete(self, caller: Caller, answer: ProviderAnswer, client: Client) -> LinkedIdentity:
        """Links who came back, with the account that began; an identity that it has already is no error.

        Raises `ProviderSignInRefused`, `SignInProviderUnavailable`, `IdentityTaken` and `ProviderAlreadyLinked`.
        """
        account_id = caller.require_person()
        proven = await self._attempts.finish(answer, AttemptPurpose.LINK, account_id)
        account = await self._accounts.find(account_id)
        if account is None:
            raise Unauthenticated("This account no longer exists. Sign in again.")
        linked = await self.attach(account, proven, client)
        if linked is None:
            raise ProviderAlreadyLinked(self._providers.display_name(proven.provider))
        return linked

    async def attach(self, account: Account, proven: ProvenIdentity, client: Client) -> LinkedIdentity | None:
        """Links at once and tells by mail; what is linked already is given as it is.

        None when the account cannot take it; raises `IdentityTaken`.
        """
        identity = LinkedIdentity.of(proven, self._clock.now())
        name = self._providers.display_name(proven.provider)

        async def work(transaction: Transaction) -> tuple[LinkedIdentity | None, str | None]:
            if not await self._store.link(account.id, identity, transaction):
                held = await self._store.of_account(account.id, transaction)
                return next((each for each in held if each.key == identity.key), None), None
            kind = SecurityEventKind.IDENTITY_LINKED
            await self._security.record(account.id, kind, client, transaction, provider=proven.provider)
            letter = self._letters.identity_linked(account.email, name)
            return identity, await self._outbox.post(account.id, letter, transaction)

        try:
            linked, mail_id = await self._transactions.run(work)
        except DuplicateKey as error:
            raise IdentityTaken(name) from error
        self._outbox.send_soon(mail_id)
        return linked

    async def unlink(self, caller: Caller, provider_name: str, client: Client) -> None:
        """Takes a way in away, which needs no password; raises `NotFound` and `LastWayIn`."""
        account_id = caller.require_person()
        name = self._providers.display_name(provider_name)
        other_ways = [other for other in self._providers.names if other != provider_name]

        async def work(transaction: Transaction) -> str | None:
            account = await self._accounts.find(account_id, transaction)
            held = await self._store.of_account(account_id, transaction)
            if account is None or all(identity.provider != provider_name for identity in held):
                raise NotFound("linked provider", provider_name)
            if not await self._store.unlink(account_id, provider_name, other_ways, transaction):
                raise LastWayIn(name)
            kind = SecurityEventKind.IDENTITY_UNLINKED
            await self._security.record(account_id, kind, client, transaction, provider=provider_name)
            return await self._outbox.post(
                account_id, self._letters.identity_unlinked(account.email, name), transaction
            )

        self._outbox.send_soon(await self._transactions.run(work))
