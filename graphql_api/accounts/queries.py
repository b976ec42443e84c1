"""Reading one's own account."""

import strawberry

from domain.accounts.service import AccountService
from graphql_api.accounts.types import Account
from graphql_api.core.context import Info


@strawberry.type
class AccountQuery:
    @strawberry.field(description="Who is signed in; null for an anonymous call.")
    async def viewer(self, info: Info) -> Account | None:
        account = await info.context.service(AccountService).viewer(info.context.caller)
        return None if account is None else Account.of(account)
