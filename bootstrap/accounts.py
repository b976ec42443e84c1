"""Builds the services of accounts, which stand on each other more than those of other areas do."""

from collections.abc import Sequence
from datetime import timedelta

from bootstrap.services import Kit
from domain.accounts.letters import LetterWriter
from domain.accounts.refresh_tokens import RefreshTokens
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.deletion import AccountDeletion
from domain.accounts.services.emails import EmailService
from domain.accounts.services.erasure import AccountErasure, ExportJanitor
from domain.accounts.services.export import AccountExport
from domain.accounts.services.lock_out import LockOut
from domain.accounts.services.mailed_tokens import MailedTokens
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.personal_data import AccountPersonalData
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.api_keys import ApiKeyStore
from domain.accounts.stores.exports import ExportStore
from domain.accounts.stores.mailed_tokens import MailedTokenStore
from domain.accounts.stores.personal import AccountPersonalStore
from domain.accounts.stores.second_factors import SecondFactorStore
from domain.accounts.stores.security_events import SecurityEventStore
from domain.accounts.stores.sessions import SessionStore
from domain.kit.personal_data import PersonalRecords
from domain.mail.service import MailOutbox


def build_accounts(kit: Kit) -> Sequence[object]:
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
    return [security, attempts, sessions, keys, *_people(kit, store, security, attempts, sessions, keys)]


def _people(
    kit: Kit,
    store: AccountStore,
    security: SecurityLog,
    attempts: Attempts,
    sessions: SessionService,
    keys: ApiKeyService,
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
    signing_in = SignInService(store, kit.hasher, kit.signer, sessions, second_factor, attempts, security, kit.clock)
    return [
        emails,
        second_factor,
        signing_in,
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
        AccountService(store, kit.hasher, sessions, keys, emails, outbox, security, kit.transactions, kit.clock),
        *_leaving(
            kit,
            store,
            security,
            attempts,
            proof,
            second_factor,
            signing_in,
            LockOut(sessions, keys, MailedTokenStore()),
        ),
    ]


def _leaving(
    kit: Kit,
    store: AccountStore,
    security: SecurityLog,
    attempts: Attempts,
    proof: PasswordProof,
    second_factor: SecondFactorService,
    signing_in: SignInService,
    lock_out: LockOut,
) -> Sequence[object]:
    """What people do who leave, and what is left to do when they have gone."""
    records, exports = PersonalRecords(), ExportStore()
    deletion = AccountDeletion(
        store=store,
        proof=proof,
        second_factor=second_factor,
        signing_in=signing_in,
        lock_out=lock_out,
        letters=LetterWriter(kit.settings.mail.app_url),
        outbox=kit.services.get(MailOutbox),
        records=records,
        security=security,
        transactions=kit.transactions,
        clock=kit.clock,
        grace=timedelta(days=kit.settings.auth.deletion_days),
    )
    return [
        records,
        deletion,
        AccountErasure(store, records, kit.identity.meter, kit.clock),
        AccountExport(exports, records, kit.blobs, proof, attempts, security, kit.clock),
        ExportJanitor(exports, kit.blobs, kit.clock),
        AccountPersonalData(AccountPersonalStore(), kit.blobs),
    ]
