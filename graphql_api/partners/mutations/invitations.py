"""Inviting people to an organisation, taking that back, and answering."""

from typing import Annotated

import strawberry

from domain.partners.model import MemberRole
from domain.partners.services.invitations import InvitationService
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.accounts.types import LinkRefused, TooManyAttempts
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.partners.inputs import (
    AcceptOrganisationInvitationInput,
    DeclineOrganisationInvitationInput,
    InviteOrganisationMemberInput,
    RevokeOrganisationInvitationInput,
)
from graphql_api.partners.invitation_types import OrganisationInvitation
from graphql_api.partners.mutations.organisations import organisation_id
from graphql_api.partners.types import InvitationForAnotherAddress, Organisation


@strawberry.type(description="A letter is on its way; whoever reads it there decides.")
class InviteOrganisationMemberSuccess:
    invitation: OrganisationInvitation = strawberry.field(description="The invitation.")


@strawberry.type(description="You are a member.")
class AcceptOrganisationInvitationSuccess:
    organisation: Organisation = strawberry.field(description="The organisation.")


@strawberry.type(description="The invitation is gone.")
class DeclineOrganisationInvitationSuccess:
    declined: bool = strawberry.field(description="Always true.")


@strawberry.type(description="The letter is good for nothing any more.")
class RevokeOrganisationInvitationSuccess:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation's id.")


InviteOrganisationMemberResult = Annotated[
    InviteOrganisationMemberSuccess | ValidationFailed | TooManyAttempts | NotFound | Forbidden | Unauthenticated,
    strawberry.union("InviteOrganisationMemberResult", description="How inviting ended."),
]
AcceptOrganisationInvitationResult = Annotated[
    AcceptOrganisationInvitationSuccess
    | LinkRefused
    | InvitationForAnotherAddress
    | EmailUnverified
    | ValidationFailed
    | Forbidden
    | Unauthenticated,
    strawberry.union("AcceptOrganisationInvitationResult", description="How saying yes ended."),
]
DeclineOrganisationInvitationResult = Annotated[
    DeclineOrganisationInvitationSuccess | LinkRefused,
    strawberry.union("DeclineOrganisationInvitationResult", description="How saying no ended."),
]
RevokeOrganisationInvitationResult = Annotated[
    RevokeOrganisationInvitationSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RevokeOrganisationInvitationResult", description="How taking an invitation back ended."),
]


@strawberry.type
class InvitationMutation:
    @strawberry.mutation(
        description="Invites an address by a letter; inviting it again makes earlier letters worthless."
    )
    async def invite_organisation_member(
        self, info: Info, input: Annotated[InviteOrganisationMemberInput, strawberry.argument(description="Who.")]
    ) -> InviteOrganisationMemberResult:
        context, role = info.context, MemberRole[input.role.name]
        invitation = await context.service(InvitationService).invite(
            context.caller, organisation_id(input.organisation_id), input.email, role, context.client
        )
        return InviteOrganisationMemberSuccess(invitation=OrganisationInvitation.of(invitation))

    @strawberry.mutation(description="Makes you a member of the organisation that has invited your verified address.")
    async def accept_organisation_invitation(
        self,
        info: Info,
        input: Annotated[AcceptOrganisationInvitationInput, strawberry.argument(description="The code.")],
    ) -> AcceptOrganisationInvitationResult:
        context = info.context
        joined = await context.service(InvitationService).accept(context.caller, input.token, context.client)
        return AcceptOrganisationInvitationSuccess(organisation=Organisation.of(joined, info))

    @strawberry.mutation(description="Says no to an invitation; that needs the code of the letter and no account.")
    async def decline_organisation_invitation(
        self,
        info: Info,
        input: Annotated[DeclineOrganisationInvitationInput, strawberry.argument(description="The code.")],
    ) -> DeclineOrganisationInvitationResult:
        await info.context.service(InvitationService).decline(input.token, info.context.client)
        return DeclineOrganisationInvitationSuccess(declined=True)

    @strawberry.mutation(description="Takes an invitation back.")
    async def revoke_organisation_invitation(
        self,
        info: Info,
        input: Annotated[RevokeOrganisationInvitationInput, strawberry.argument(description="Which one.")],
    ) -> RevokeOrganisationInvitationResult:
        context = info.context
        invitation_id = local_id(input.invitation_id, "OrganisationInvitation", "invitationId")
        await context.service(InvitationService).revoke(context.caller, invitation_id, context.client)
        return RevokeOrganisationInvitationSuccess(invitation_id=input.invitation_id)
