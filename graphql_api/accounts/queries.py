"""Reading one's own account, sessions, keys and security events."""

from typing import Annotated

import strawberry

from domain.accounts.audit import SecurityEvent as SecurityEventModel
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.identity_links import IdentityLinks
from domain.accounts.services.provider_sign_in import ProviderSignIn
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from graphql_api.accounts.api_key_types import ApiKey
from graphql_api.accounts.identity_types import LinkedIdentity, SignInProvider
from graphql_api.accounts.security_event_types import SecurityEvent
from graphql_api.accounts.session_types import AccountSession
from graphql_api.accounts.types import Account
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info


@strawberry.type
class AccountQuery:
    @strawberry.field(description="Who is signed in; null for an anonymous call.")
    async def viewer(self, info: Info) -> Account | None:
        account = await info.context.service(AccountService).viewer(info.context.caller)
        return None if account is None else Account.of(account)

    @strawberry.field(description="Where you are signed in, the newest sign-in first; at most 100.")
    async def sessions(self, info: Info) -> list[AccountSession]:
        caller = info.context.caller
        found = await info.context.service(SessionService).of_caller(caller)
        return [AccountSession.of(record, caller) for record in found]

    @strawberry.field(description="Your API keys, the newest first.")
    async def api_keys(self, info: Info) -> list[ApiKey]:
        return [ApiKey.of(key) for key in await info.context.service(ApiKeyService).keys(info.context.caller)]

    @strawberry.field(description="By whom people may sign in here, in the order to offer them.")
    async def sign_in_providers(self, info: Info) -> list[SignInProvider]:
        return [SignInProvider.of(offered) for offered in info.context.service(ProviderSignIn).offered()]

    @strawberry.field(description="The providers that sign in to your account, the first one linked first.")
    async def linked_identities(self, info: Info) -> list[LinkedIdentity]:
        found = await info.context.service(IdentityLinks).of_caller(info.context.caller)
        return [LinkedIdentity.of(identity) for identity in found]

    @strawberry.field(description="What happened to your account, newest first.")
    async def security_events(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[SecurityEvent]:
        request = page_request(first, after)
        page = await info.context.service(SecurityLog).events(info.context.caller, request)
        return connection(page, request, SecurityEvent.of, _position)


def _position(event: SecurityEventModel) -> str:
    return event.id
