"""Signing in by a provider: with an account that is linked, with one that can be, or with a new one."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.accounts.errors import EmailTaken
from domain.accounts.identities import LinkedIdentity, ProvenIdentity, display_name_of
from domain.accounts.identity_errors import (
    IdentityLinkRequired,
    IdentityTaken,
    ProviderEmailUnverified,
    ProviderSignInRefused,
)
from domain.accounts.identity_provider import IdentityProviders
from domain.accounts.model import Account, email_issues, normalise_email
from domain.accounts.provider_attempts import AttemptPurpose, ProviderAnswer, StartedAttempt
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.founding import AccountFounding
from domain.accounts.services.identity_links import IdentityLinks
from domain.accounts.services.provider_attempts import ProviderAttempts
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.sessions import Session
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.identities import IdentityStore
from domain.kit.caller import Client
from domain.kit.clock import Clock
from domain.kit.ids import new_id
from domain.kit.transactions import Session as Transaction
from domain.kit.transactions import Transactions

START = "provider start"
COMPLETE = "provider sign-in"
NOBODY_YET = ""


@dataclass(frozen=True)
class OfferedProvider:
    """A provider that people may sign in by."""

    name: str
    display_name: str


@dataclass(frozen=True)
class Arrival:
    """A session, and whether the account was made for it."""

    session: Session
    is_new: bool


class ProviderSignIn:
    """Whoever has an account is never signed in to it on the word of a provider that does not vouch for the address."""

    def __init__(
        self,
        attempts: ProviderAttempts,
        providers: IdentityProviders,
        identities: IdentityStore,
        store: AccountStore,
        links: IdentityLinks,
        founding: AccountFounding,
        signing_in: SignInService,
        second_factor: SecondFactorService,
        throttle: Attempts,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._attempts = attempts
        self._providers = providers
        self._identities = identities
        self._store = store
        self._links = links
        self._founding = founding
        self._signing_in = signing_in
        self._second_factor = second_factor
        self._throttle = throttle
        self._transactions = transactions
        self._clock = clock

    def offered(self) -> Sequence[OfferedProvider]:
        return [OfferedProvider(name, self._providers.display_name(name)) for name in self._providers.names]

    async def start(self, provider_name: str, redirect_uri: str, client: Client) -> StartedAttempt:
        """Raises `ValidationFailed`, `TooManyAttempts` and `SignInProviderUnavailable`."""
        await self._throttle.count(START, NOBODY_YET, client)
        return await self._attempts.start(provider_name, redirect_uri, AttemptPurpose.SIGN_IN)

    async def complete(self, answer: ProviderAnswer, offered_name: str | None, client: Client) -> Arrival:
        """`offered_name` is for a new account whose provider tells no name.

        Raises `ProviderSignInRefused`, `SignInProviderUnavailable`, `ProviderEmailUnverified`, `IdentityLinkRequired`,
        `TooManyAttempts` and what `SignInService.admit` raises.
        """
        await self._throttle.count(COMPLETE, NOBODY_YET, client)
        proven = await self._attempts.finish(answer, AttemptPurpose.SIGN_IN)
        for purpose in (START, COMPLETE):
            await self._throttle.forgive(purpose, NOBODY_YET, client)
        try:
            return await self._arrival(proven, offered_name, client)
        except (EmailTaken, IdentityTaken):
            return await self._second_try(proven, offered_name, client)

    async def _second_try(self, proven: ProvenIdentity, offered_name: str | None, client: Client) -> Arrival:
        """The same person came in twice at once: the other call has made the account by now, or linked it."""
        try:
            return await self._arrival(proven, offered_name, client)
        except (EmailTaken, IdentityTaken) as error:
            raise ProviderSignInRefused("the account changed meanwhile") from error

    async def _arrival(self, proven: ProvenIdentity, offered_name: str | None, client: Client) -> Arrival:
        identity, email = LinkedIdentity.of(proven, self._clock.now()), _usable(proven.email)
        account, namesake = await self._known(identity, email)
        if account is None:
            if namesake is None:
                return Arrival(await self._founded(proven, email, identity, offered_name, client), True)
            account = await self._linked(namesake, proven, client)
        return Arrival(await self._signing_in.admit(account, client, proven.provider), False)

    async def _known(self, identity: LinkedIdentity, email: str | None) -> tuple[Account | None, Account | None]:
        """Whose identity it is, and who has the address."""

        async def work(transaction: Transaction) -> tuple[Account | None, Account | None]:
            account = await self._identities.account_of(identity.key, transaction)
            namesake = None if email is None else await self._store.find_by_email(email, transaction)
            return account, namesake

        # Outside of a transaction, MongoDB may not show yet what has just been a duplicate.
        return await self._transactions.run(work)

    async def _linked(self, account: Account, proven: ProvenIdentity, client: Client) -> Account:
        """The account of a person who is new at the provider, if both sides have verified the same address.

        One that asks for a second factor is not linked by less. Raises `IdentityLinkRequired` and `IdentityTaken`.
        """
        vouched = proven.email_verified and proven.links_by_email and account.email_verified
        if not vouched or await self._second_factor.is_on(account.id):
            raise IdentityLinkRequired(self._providers.display_name(proven.provider), account.email)
        if await self._links.attach(account, proven, client) is None:
            raise IdentityLinkRequired(self._providers.display_name(proven.provider), account.email)
        return account

    async def _founded(
        self,
        proven: ProvenIdentity,
        email: str | None,
        identity: LinkedIdentity,
        offered_name: str | None,
        client: Client,
    ) -> Session:
        """Raises `ProviderEmailUnverified`, and `EmailTaken` when another call was faster."""
        if email is None or not proven.email_verified:
            raise ProviderEmailUnverified(self._providers.display_name(proven.provider))
        account = Account(
            id=new_id(),
            email=email,
            display_name=display_name_of(proven, offered_name),
            created_at=self._clock.now(),
            email_verified=True,
            has_password=False,
        )
        return await self._founding.found(account, None, client, identity)


def _usable(email: str | None) -> str | None:
    """The address as accounts have it; None for what is no address.

    Beyond ASCII two mailboxes can become one by folding case (`ß` and `ss`), so such an address proves nothing here.
    """
    address = normalise_email(email or "")
    return None if email_issues(address) or not (email or "").isascii() else address
