"""Invitations as the schema shows them, to those who send and to those who get them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.partners.invitations import Invitation
from domain.partners.invitations import ReceivedInvitation as ReceivedInvitationModel
from graphql_api.core.context import Info
from graphql_api.partners.loaders import InvitationLoader
from graphql_api.partners.role_types import OrganisationRole


@strawberry.type(description="An invitation that was not answered yet. Those who manage the organisation see it.")
class OrganisationInvitation(relay.Node):
    id: relay.NodeID[str]
    email: str = strawberry.field(description="Where the letter went; whether it has an account is not told.")
    role: OrganisationRole = strawberry.field(description="What the person is to be.")
    invited_at: datetime = strawberry.field(description="When the last letter was sent.")
    expires_at: datetime = strawberry.field(description="Until when it can be answered.")

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(
            id=invitation.id,
            email=invitation.email,
            role=OrganisationRole[invitation.role.name],
            invited_at=invitation.invited_at,
            expires_at=invitation.expires_at,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(InvitationLoader).load_many(list(node_ids))
        return [None if invitation is None else cls.of(invitation) for invitation in found]


@strawberry.type(description="An invitation to you. It is answered with the code of the letter.")
class ReceivedOrganisationInvitation:
    organisation_name: str = strawberry.field(description="What the organisation calls itself.")
    role: OrganisationRole = strawberry.field(description="What you would be to it.")
    invited_at: datetime = strawberry.field(description="When the last letter was sent.")
    expires_at: datetime = strawberry.field(description="Until when you can answer.")

    @classmethod
    def of(cls, received: ReceivedInvitationModel) -> Self:
        return cls(
            organisation_name=received.organisation.name,
            role=OrganisationRole[received.invitation.role.name],
            invited_at=received.invitation.invited_at,
            expires_at=received.invitation.expires_at,
        )
