"""Identity put together. Its services stand on each other more than those of other areas do."""

from collections.abc import Sequence
from datetime import timedelta

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.documents import (
    AccountDocument,
    ApiKeyDocument,
    MailedTokenDocument,
    SecondFactorDocument,
    SecurityEventDocument,
    SessionDocument,
)
from domain.accounts.letters import LetterWriter
from domain.accounts.refresh_tokens import RefreshTokens
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.emails import EmailService
from domain.accounts.services.mailed_tokens import MailedTokens
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.api_keys import ApiKeyStore
from domain.accounts.stores.mailed_tokens import MailedTokenStore
from domain.accounts.stores.second_factors import SecondFactorStore
from domain.accounts.stores.security_events import SecurityEventStore
from domain.accounts.stores.sessions import SessionStore
from domain.mail.service import MailOutbox
from graphql_api.accounts.mutations.api_keys import ApiKeyMutation
from graphql_api.accounts.mutations.emails import EmailMutation
from graphql_api.accounts.mutations.passwords import PasswordMutation
from graphql_api.accounts.mutations.second_factor import SecondFactorMutation
from graphql_api.accounts.mutations.sessions import SessionMutation
from graphql_api.accounts.mutations.sign_in import SignInMutation
from graphql_api.accounts.prices import PRICES as ACCOUNT_PRICES
from graphql_api.accounts.queries import AccountQuery
from graphql_api.accounts.types import HANDLERS as ACCOUNT_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    """Needs the mail outbox to be there."""
    auth, identity, store = kit.settings.auth, kit.identity, AccountStore()
    kept = timedelta(days=auth.security_event_days)
    security = SecurityLog(SecurityEventStore(), identity.meter, kit.clock, kept)
    attempts = Attempts(identity.throttle, store, security, auth.throttle_policy)
    sessions = SessionService(
        store=SessionStore(),
        accounts=store,
        tokens=RefreshTokens(identity.keys),
        access=identity.access,
        security=security,
        clock=kit.clock,
        policy=auth.session_policy,
    )
    keys = ApiKeyService(ApiKeyStore(), security, kit.clock, auth.session_policy.trusted)
    people = _people(kit, store, security, attempts, sessions)
    return [security, attempts, sessions, keys, AccountDirectory(store), *people]


def _people(
    kit: Kit,
    store: AccountStore,
    security: SecurityLog,
    attempts: Attempts,
    sessions: SessionService,
) -> Sequence[object]:
    """What people do with their passwords, addresses and codes."""
    tokens = MailedTokens(MailedTokenStore(), kit.clock)
    letters, outbox = LetterWriter(kit.settings.mail.app_url), kit.services.get(MailOutbox)
    proof = PasswordProof(store, kit.hasher, attempts)
    emails = EmailService(store, tokens, letters, outbox, proof, attempts, security, kit.transactions, kit.clock)
    second_factor = SecondFactorService(
        store=SecondFactorStore(),
        accounts=store,
        box=kit.identity.box,
        letters=letters,
        outbox=outbox,
        proof=proof,
        attempts=attempts,
        security=security,
        transactions=kit.transactions,
        clock=kit.clock,
    )
    return [
        emails,
        second_factor,
        PasswordService(
            store=store,
            hasher=kit.hasher,
            sessions=sessions,
            tokens=tokens,
            letters=letters,
            outbox=outbox,
            proof=proof,
            attempts=attempts,
            security=security,
            transactions=kit.transactions,
            clock=kit.clock,
        ),
        SignInService(store, kit.hasher, kit.signer, sessions, second_factor, attempts, security, kit.clock),
        AccountService(store, kit.hasher, sessions, emails, outbox, security, kit.transactions, kit.clock),
    ]


AREA = Area(
    name="accounts",
    documents=[
        AccountDocument,
        SessionDocument,
        ApiKeyDocument,
        SecurityEventDocument,
        MailedTokenDocument,
        SecondFactorDocument,
    ],
    build=build,
    queries=[AccountQuery],
    mutations=[
        SignInMutation,
        SessionMutation,
        ApiKeyMutation,
        EmailMutation,
        PasswordMutation,
        SecondFactorMutation,
    ],
    handlers=ACCOUNT_HANDLERS,
    prices=ACCOUNT_PRICES,
)
