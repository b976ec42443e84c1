"""Whose name stands on a song: a person's, or an organisation's when its key calls."""

from domain.accounts.service import AccountService
from domain.kit.artists import Artist
from domain.kit.caller import Caller, Scope
from domain.kit.errors import Unauthenticated
from domain.partners.services.keys import PartnerKeyService


class CallerArtists:
    """Fits `domain.kit.artists.Artists`."""

    def __init__(self, accounts: AccountService, partners: PartnerKeyService) -> None:
        self._accounts = accounts
        self._partners = partners

    async def of_caller(self, caller: Caller, scope: Scope) -> Artist:
        if caller.is_partner:
            return Artist(caller.require(scope), await self._partners.name_of(caller))
        account = await self._accounts.viewer(caller, scope)
        if account is None:
            raise Unauthenticated()
        return Artist(account.id, account.display_name)
