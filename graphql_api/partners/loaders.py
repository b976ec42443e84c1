"""What belongs to the caller's organisations, many ids in one query."""

from domain.partners.invitations import Invitation
from domain.partners.keys import PartnerKey
from domain.partners.model import Organisation
from domain.partners.operations import RegisteredOperation
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import OrganisationService
from graphql_api.core.context import AreaLoader


class OrganisationLoader(AreaLoader[str, Organisation | None]):
    async def load_batch(self, keys: list[str]) -> list[Organisation | None]:
        found = await self.context.service(OrganisationService).by_ids(self.context.caller, keys)
        return [found.get(key) for key in keys]


class InvitationLoader(AreaLoader[str, Invitation | None]):
    async def load_batch(self, keys: list[str]) -> list[Invitation | None]:
        found = await self.context.service(InvitationService).by_ids(self.context.caller, keys)
        return [found.get(key) for key in keys]


class PartnerKeyLoader(AreaLoader[str, PartnerKey | None]):
    async def load_batch(self, keys: list[str]) -> list[PartnerKey | None]:
        found = await self.context.service(PartnerKeyService).by_ids(self.context.caller, keys)
        return [found.get(key) for key in keys]


class OperationLoader(AreaLoader[str, RegisteredOperation | None]):
    async def load_batch(self, keys: list[str]) -> list[RegisteredOperation | None]:
        found = await self.context.service(OperationRegistry).by_ids(self.context.caller, keys)
        return [found.get(key) for key in keys]
