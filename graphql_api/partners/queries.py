"""Reading the organisations that one is a member of; what they have hangs on them."""

import strawberry

from domain.partners.services.organisations import OrganisationService
from graphql_api.core.context import Info
from graphql_api.partners.types import Organisation


@strawberry.type
class PartnerQuery:
    @strawberry.field(description="The organisations that you are a member of, the newest first.")
    async def organisations(self, info: Info) -> list[Organisation]:
        found = await info.context.service(OrganisationService).mine(info.context.caller)
        return [Organisation.of(organisation, info) for organisation in found]
