"""Organisations, their members and the problems of partners, as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry
from strawberry import relay

from domain.accounts.audit import SecurityEvent as SecurityEventModel
from domain.partners import errors
from domain.partners.model import Organisation as OrganisationModel
from domain.partners.operations import RegisteredOperation as OperationModel
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import Membership, OrganisationService
from graphql_api.accounts.security_event_types import SecurityEvent
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.partners.invitation_types import OrganisationInvitation
from graphql_api.partners.key_types import PartnerKey
from graphql_api.partners.loaders import OrganisationLoader
from graphql_api.partners.operation_types import RegisteredOperation
from graphql_api.partners.role_types import OrganisationRole

First = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")]


@strawberry.type(description="A person in an organisation.")
class OrganisationMember:
    email: str = strawberry.field(description="The person's address.")
    display_name: str = strawberry.field(description="The person's name.")
    role: OrganisationRole = strawberry.field(description="What the person is to the organisation.")
    since: datetime = strawberry.field(description="When the person became a member.")

    @classmethod
    def of(cls, membership: Membership) -> Self:
        return cls(
            email=membership.account.email,
            display_name=membership.account.display_name,
            role=OrganisationRole[membership.member.role.name],
            since=membership.member.since,
        )


@strawberry.type(description="An organisation whose servers call the API with keys of its own. Only members see it.")
class Organisation(relay.Node):
    id: relay.NodeID[str]
    name: str = strawberry.field(description="Its name, which stands on the tracks that its keys make.")
    created_at: datetime = strawberry.field(description="When it was founded.")
    role: OrganisationRole = strawberry.field(description="What you are to it.")
    record: strawberry.Private[OrganisationModel]

    @classmethod
    def of(cls, organisation: OrganisationModel, info: Info) -> Self:
        role = organisation.role_of(info.context.caller.require_person())
        return cls(
            id=organisation.id,
            name=organisation.name,
            created_at=organisation.created_at,
            role=OrganisationRole.MEMBER if role is None else OrganisationRole[role.name],
            record=organisation,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(OrganisationLoader).load_many(list(node_ids))
        return [None if organisation is None else cls.of(organisation, info) for organisation in found]

    @strawberry.field(description="Its members, those of longest standing first.")
    async def members(self, info: Info) -> list[OrganisationMember]:
        found = await info.context.service(OrganisationService).people(info.context.caller, self.record.id)
        return [OrganisationMember.of(membership) for membership in found]

    @strawberry.field(description="Invitations that nobody has answered, newest first; for those who manage it.")
    async def invitations(self, info: Info) -> list[OrganisationInvitation]:
        found = await info.context.service(InvitationService).of_organisation(info.context.caller, self.record.id)
        return [OrganisationInvitation.of(invitation) for invitation in found]

    @strawberry.field(description="Its keys, the newest first.")
    async def keys(self, info: Info) -> list[PartnerKey]:
        found = await info.context.service(PartnerKeyService).keys(info.context.caller, self.record.id)
        return [PartnerKey.of(key) for key in found]

    @strawberry.field(description="What its servers may run, registered last first.")
    async def registered_operations(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RegisteredOperation]:
        request = page_request(first, after)
        page = await info.context.service(OperationRegistry).page(info.context.caller, self.record.id, request)
        return connection(page, request, RegisteredOperation.of, _position)

    @strawberry.field(description="What happened to its keys and members, newest first; for those who manage it.")
    async def security_events(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[SecurityEvent]:
        request, service = page_request(first, after), info.context.service(OrganisationService)
        page = await service.security_events(info.context.caller, self.record.id, request)
        return connection(page, request, SecurityEvent.of, _position)


def _position(item: OperationModel | SecurityEventModel) -> str:
    return item.id


@strawberry.type(description="The organisation would be left without an owner.")
class LastOwner(Problem):
    pass


@strawberry.type(description="The invitation was sent to another address than that of your account.")
class InvitationForAnotherAddress(Problem):
    pass


@strawberry.type(description="You have founded as many organisations as one may.")
class TooManyOrganisations(Problem):
    limit: int = strawberry.field(description="How many there may be.")

    @classmethod
    def of(cls, error: errors.TooManyOrganisations) -> "TooManyOrganisations":
        return cls(code=ProblemCode.TOO_MANY_ORGANISATIONS, message=error.message, limit=error.limit)


@strawberry.type(description="A document that cannot be registered.")
class RefusedDocument:
    index: int = strawberry.field(description="Which of those that were sent, counted from 0.")
    name: str | None = strawberry.field(description="The operation's name, where it could be read.")
    reasons: list[str] = strawberry.field(description="Everything that was found to be wrong with it.")


@strawberry.type(description="Some documents cannot be registered, so none of them was.")
class OperationsRefused(Problem):
    refused: list[RefusedDocument] = strawberry.field(description="Which ones, and why.")

    @classmethod
    def of(cls, error: errors.OperationsRefused) -> "OperationsRefused":
        refused = [RefusedDocument(index=one.index, name=one.name, reasons=list(one.reasons)) for one in error.refused]
        return cls(code=ProblemCode.OPERATIONS_REFUSED, message=error.message, refused=refused)


HANDLERS = (
    ProblemHandler(errors.InvitationForAnotherAddress, InvitationForAnotherAddress),
    ProblemHandler(errors.LastOwner, LastOwner),
    ProblemHandler(errors.TooManyOrganisations, TooManyOrganisations),
    ProblemHandler(errors.OperationsRefused, OperationsRefused),
)
