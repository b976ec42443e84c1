"""Reading the organisations that one is a member of; what they have hangs on them."""

from datetime import date
from typing import Annotated

import strawberry

from domain.partners.services.invitations import InvitationService
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.usage import PartnerUsage as PartnerUsageService
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.partners.invitation_types import ReceivedOrganisationInvitation
from graphql_api.partners.types import Organisation
from graphql_api.partners.usage_types import PartnerUsage


@strawberry.type
class PartnerQuery:
    @strawberry.field(description="The organisations that you are a member of, the newest first.")
    async def organisations(self, info: Info) -> list[Organisation]:
        found = await info.context.service(OrganisationService).mine(info.context.caller)
        return [Organisation.of(organisation, info) for organisation in found]

    @strawberry.field(description="Invitations to your address, newest first; none as long as it is not verified.")
    async def received_organisation_invitations(self, info: Info) -> list[ReceivedOrganisationInvitation]:
        found = await info.context.service(InvitationService).received(info.context.caller)
        return [ReceivedOrganisationInvitation.of(received) for received in found]

    @strawberry.field(description="What an organisation's servers have called; counted within seconds.")
    async def partner_usage(
        self,
        info: Info,
        organisation_id: Annotated[strawberry.ID, strawberry.argument(description="The organisation's id.")],
        first_day: Annotated[date, strawberry.argument(name="from", description="The first day, in UTC.")],
        last_day: Annotated[
            date, strawberry.argument(name="to", description="The last day, in UTC; at most 92 days in all.")
        ],
    ) -> PartnerUsage:
        found = local_id(organisation_id, "Organisation", "organisationId")
        report = await info.context.service(PartnerUsageService).report(info.context.caller, found, first_day, last_day)
        return PartnerUsage.of(report)
