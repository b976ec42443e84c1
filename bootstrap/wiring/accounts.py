"""Identity put together."""

from collections.abc import Sequence
from datetime import timedelta

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.documents import AccountDocument, ApiKeyDocument, SecurityEventDocument, SessionDocument
from domain.accounts.refresh_tokens import RefreshTokens
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.api_keys import ApiKeyStore
from domain.accounts.stores.security_events import SecurityEventStore
from domain.accounts.stores.sessions import SessionStore
from graphql_api.accounts.mutations.api_keys import ApiKeyMutation
from graphql_api.accounts.mutations.sessions import SessionMutation
from graphql_api.accounts.mutations.sign_in import SignInMutation
from graphql_api.accounts.prices import PRICES as ACCOUNT_PRICES
from graphql_api.accounts.queries import AccountQuery
from graphql_api.accounts.types import HANDLERS as ACCOUNT_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    auth, identity, store = kit.settings.auth, kit.identity, AccountStore()
    security = SecurityLog(SecurityEventStore(), identity.meter, kit.clock, timedelta(days=auth.security_event_days))
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
    attempts = Attempts(identity.throttle, store, security, auth.throttle_policy)
    return [
        security,
        sessions,
        keys,
        attempts,
        SignInService(store, kit.hasher, sessions, attempts, security),
        AccountService(store, kit.hasher, sessions, keys, security, kit.clock),
    ]


AREA = Area(
    name="accounts",
    documents=[AccountDocument, SessionDocument, ApiKeyDocument, SecurityEventDocument],
    build=build,
    queries=[AccountQuery],
    mutations=[SignInMutation, SessionMutation, ApiKeyMutation],
    handlers=ACCOUNT_HANDLERS,
    prices=ACCOUNT_PRICES,
)
