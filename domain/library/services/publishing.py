"""Who may publish: decided here for all that changes what everybody hears."""

from domain.accounts.identity_errors import EmailUnverified
from domain.accounts.model import Permission
from domain.accounts.service import AccountService
from domain.kit.caller import Caller
from domain.kit.errors import Forbidden, Unauthenticated


class PublishingRight:
    """Artists with a verified address who are signed in; keys never."""

    def __init__(self, accounts: AccountService) -> None:
        self._accounts = accounts

    async def check(self, caller: Caller) -> None:
        """Raises `Unauthenticated`, `Forbidden` and `EmailUnverified`."""
        account = await self._accounts.require(caller, Permission.PUBLISH)
        if not account.email_verified:
            raise EmailUnverified()

    async def has(self, caller: Caller) -> bool:
        try:
            await self.check(caller)
        except (Unauthenticated, Forbidden, EmailUnverified):
            return False
        return True
