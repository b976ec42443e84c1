"""Identity put together. Its services stand on each other more than those of other areas do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from adapters.meters.providers import PrometheusProviderMeter
from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.documents import (
    AccountDocument,
    ApiKeyDocument,
    ExportDocument,
    MailedTokenDocument,
    ProviderAttemptDocument,
    SecondFactorDocument,
    SecurityEventDocument,
    SessionDocument,
)
from domain.accounts.letters import LetterWriter
from domain.accounts.refresh_tokens import RefreshTokens
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.deletion import AccountDeletion
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.emails import EmailService
from domain.accounts.services.erasure import AccountErasure, ExportJanitor
from domain.accounts.services.export import AccountExport
from domain.accounts.services.founding import AccountFounding
from domain.accounts.services.identity_links import IdentityLinks
from domain.accounts.services.lock_out import LockOut
from domain.accounts.services.mailed_tokens import MailedTokens
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.personal_data import AccountPersonalData
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.provider_attempts import ProviderAttempts
from domain.accounts.services.provider_sign_in import ProviderSignIn
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.api_keys import ApiKeyStore
from domain.accounts.stores.exports import ExportStore
from domain.accounts.stores.identities import IdentityStore
from domain.accounts.stores.mailed_tokens import MailedTokenStore
from domain.accounts.stores.personal import AccountPersonalStore
from domain.accounts.stores.provider_attempts import ProviderAttemptStore
from domain.accounts.stores.second_factors import SecondFactorStore
from domain.accounts.stores.security_events import SecurityEventStore
from domain.accounts.stores.sessions import SessionStore
from domain.kit.personal_data import PersonalRecords
from domain.mail.service import MailOutbox
from graphql_api.accounts.http import ROUTES as ACCOUNT_ROUTES
from graphql_api.accounts.identity_types import HANDLERS as IDENTITY_HANDLERS
from graphql_api.accounts.mutations.api_keys import ApiKeyMutation
from graphql_api.accounts.mutations.deletion import DeletionMutation
from graphql_api.accounts.mutations.emails import EmailMutation
from graphql_api.accounts.mutations.identities import IdentityMutation
from graphql_api.accounts.mutations.passwords import PasswordMutation
from graphql_api.accounts.mutations.provider_sign_in import ProviderSignInMutation
from graphql_api.accounts.mutations.second_factor import SecondFactorMutation
from graphql_api.accounts.mutations.sessions import SessionMutation
from graphql_api.accounts.mutations.sign_in import SignInMutation
from graphql_api.accounts.prices import PRICES as ACCOUNT_PRICES
from graphql_api.accounts.queries import AccountQuery
from graphql_api.accounts.types import HANDLERS as ACCOUNT_HANDLERS


@dataclass(frozen=True)
class Ground:
    """What most services of accounts stand on."""

    kit: Kit
    store: AccountStore
    security: SecurityLog
    attempts: Attempts
    sessions: SessionService
    proof: PasswordProof
    letters: LetterWriter
    outbox: MailOutbox


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
    proof = PasswordProof(store, kit.hasher, attempts)
    letters, outbox = LetterWriter(kit.settings.mail.app_url), kit.services.get(MailOutbox)
    ground = Ground(kit, store, security, attempts, sessions, proof, letters, outbox)
    return [security, attempts, sessions, proof, letters, AccountDirectory(store), *_people(ground)]


def _people(ground: Ground) -> Sequence[object]:
    """Getting in: keys, addresses, passwords and second factors."""
    kit, store, security, attempts = ground.kit, ground.store, ground.security, ground.attempts
    sessions, outbox = ground.sessions, ground.outbox
    keys = ApiKeyService(ApiKeyStore(), security, kit.clock, kit.settings.auth.session_policy.trusted)
    tokens = MailedTokens(MailedTokenStore(), kit.clock)
    emails = EmailService(
        store, tokens, ground.letters, outbox, ground.proof, attempts, security, kit.transactions, kit.clock
    )
    factor = _second_factor(ground)
    signing_in = SignInService(store, kit.hasher, kit.signer, sessions, factor, attempts, security, kit.clock)
    founding = AccountFounding(store, IdentityStore(), sessions, emails, outbox, security, kit.transactions)
    accounts = AccountService(store, kit.hasher, founding, attempts, security, kit.clock)
    lock_out = LockOut(sessions, keys, MailedTokenStore())
    leaving = _leaving(ground, factor, signing_in, lock_out)
    elsewhere = _elsewhere(ground, factor, signing_in, founding)
    return [keys, emails, factor, signing_in, accounts, _passwords(ground, keys, tokens), *elsewhere, *leaving]


def _elsewhere(
    ground: Ground, factor: SecondFactorService, signing_in: SignInService, founding: AccountFounding
) -> Sequence[object]:
    """Signing in by other providers."""
    kit, identities, providers = ground.kit, IdentityStore(), ground.kit.identity.providers
    allowed, meter = kit.settings.sign_in.redirect_uris, PrometheusProviderMeter()
    attempts = ProviderAttempts(ProviderAttemptStore(), providers, allowed, meter, kit.clock)
    links = IdentityLinks(
        store=identities,
        accounts=ground.store,
        attempts=attempts,
        providers=providers,
        proof=ground.proof,
        letters=ground.letters,
        outbox=ground.outbox,
        security=ground.security,
        transactions=kit.transactions,
        clock=kit.clock,
    )
    sign_in = ProviderSignIn(
        attempts=attempts,
        providers=providers,
        identities=identities,
        store=ground.store,
        links=links,
        founding=founding,
        signing_in=signing_in,
        second_factor=factor,
        throttle=ground.attempts,
        transactions=kit.transactions,
        clock=kit.clock,
    )
    return [attempts, links, sign_in]


def _second_factor(ground: Ground) -> SecondFactorService:
    return SecondFactorService(
        store=SecondFactorStore(),
        accounts=ground.store,
        box=ground.kit.identity.box,
        letters=ground.letters,
        outbox=ground.outbox,
        proof=ground.proof,
        attempts=ground.attempts,
        security=ground.security,
        transactions=ground.kit.transactions,
        clock=ground.kit.clock,
    )


def _passwords(ground: Ground, keys: ApiKeyService, tokens: MailedTokens) -> PasswordService:
    return PasswordService(
        store=ground.store,
        hasher=ground.kit.hasher,
        sessions=ground.sessions,
        keys=keys,
        tokens=tokens,
        letters=ground.letters,
        outbox=ground.outbox,
        proof=ground.proof,
        attempts=ground.attempts,
        security=ground.security,
        transactions=ground.kit.transactions,
        clock=ground.kit.clock,
    )


def _leaving(
    ground: Ground, second_factor: SecondFactorService, signing_in: SignInService, lock_out: LockOut
) -> Sequence[object]:
    """What people do who leave, and what is left to do when they have gone."""
    kit, records, exports = ground.kit, PersonalRecords(), ExportStore()
    deletion = AccountDeletion(
        store=ground.store,
        proof=ground.proof,
        second_factor=second_factor,
        signing_in=signing_in,
        lock_out=lock_out,
        letters=ground.letters,
        outbox=ground.outbox,
        records=records,
        security=ground.security,
        transactions=kit.transactions,
        clock=kit.clock,
        grace=timedelta(days=kit.settings.auth.deletion_days),
    )
    return [
        records,
        deletion,
        AccountErasure(ground.store, records, kit.identity.meter, kit.clock),
        AccountExport(exports, records, kit.blobs, ground.proof, ground.attempts, ground.security, kit.clock),
        ExportJanitor(exports, kit.blobs, kit.clock),
        AccountPersonalData(AccountPersonalStore(), kit.blobs),
    ]


AREA = Area(
    name="accounts",
    documents=[
        AccountDocument,
        SessionDocument,
        ApiKeyDocument,
        SecurityEventDocument,
        MailedTokenDocument,
        ProviderAttemptDocument,
        SecondFactorDocument,
        ExportDocument,
    ],
    build=build,
    personal=AccountPersonalData,
    queries=[AccountQuery],
    mutations=[
        SignInMutation,
        ProviderSignInMutation,
        IdentityMutation,
        SessionMutation,
        ApiKeyMutation,
        EmailMutation,
        PasswordMutation,
        SecondFactorMutation,
        DeletionMutation,
    ],
    handlers=(*ACCOUNT_HANDLERS, *IDENTITY_HANDLERS),
    routes=ACCOUNT_ROUTES,
    prices=ACCOUNT_PRICES,
)
