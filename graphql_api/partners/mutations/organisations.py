"""Founding, renaming and deleting organisations, and who is a member of them."""

from typing import Annotated

import strawberry

from domain.partners.model import MemberRole
from domain.partners.services.closing import OrganisationClosing
from domain.partners.services.organisations import OrganisationService
from graphql_api.accounts.types import DeletionBlocked
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.partners.inputs import (
    ChangeOrganisationMemberRoleInput,
    CreateOrganisationInput,
    DeleteOrganisationInput,
    RemoveOrganisationMemberInput,
    RenameOrganisationInput,
)
from graphql_api.partners.types import LastOwner, Organisation, TooManyOrganisations


@strawberry.type(description="The organisation exists, and you own it.")
class CreateOrganisationSuccess:
    organisation: Organisation = strawberry.field(description="The organisation.")


@strawberry.type(description="The organisation has its new name.")
class RenameOrganisationSuccess:
    organisation: Organisation = strawberry.field(description="The organisation as it is now.")


@strawberry.type(
    description="The organisation is gone. Its keys stop within seconds, and what it made is being removed."
)
class DeleteOrganisationSuccess:
    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")


@strawberry.type(description="The member has this role.")
class ChangeOrganisationMemberRoleSuccess:
    organisation: Organisation = strawberry.field(description="The organisation as it is now.")


@strawberry.type(description="The person is no member any more.")
class RemoveOrganisationMemberSuccess:
    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")


CreateOrganisationResult = Annotated[
    CreateOrganisationSuccess
    | ValidationFailed
    | TooManyOrganisations
    | IdempotencyConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CreateOrganisationResult", description="How founding ended."),
]
RenameOrganisationResult = Annotated[
    RenameOrganisationSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RenameOrganisationResult", description="How the change of a name ended."),
]
DeleteOrganisationResult = Annotated[
    DeleteOrganisationSuccess | ValidationFailed | DeletionBlocked | NotFound | Forbidden | Unauthenticated,
    strawberry.union("DeleteOrganisationResult", description="How deleting an organisation ended."),
]
ChangeOrganisationMemberRoleResult = Annotated[
    ChangeOrganisationMemberRoleSuccess | ValidationFailed | NotFound | LastOwner | Forbidden | Unauthenticated,
    strawberry.union("ChangeOrganisationMemberRoleResult", description="How the change of a role ended."),
]
RemoveOrganisationMemberResult = Annotated[
    RemoveOrganisationMemberSuccess | ValidationFailed | NotFound | LastOwner | Forbidden | Unauthenticated,
    strawberry.union("RemoveOrganisationMemberResult", description="How the removal ended."),
]


@strawberry.type
class OrganisationMutation:
    @strawberry.mutation(description="Founds an organisation; five at most by one person.")
    async def create_organisation(
        self,
        info: Info,
        input: Annotated[CreateOrganisationInput, strawberry.argument(description="The organisation.")],
    ) -> CreateOrganisationResult:
        service = info.context.service(OrganisationService)
        made = await service.found(info.context.caller, input.name, input.idempotency_key)
        return CreateOrganisationSuccess(organisation=Organisation.of(made, info))

    @strawberry.mutation(description="Gives an organisation another name; only owners do.")
    async def rename_organisation(
        self, info: Info, input: Annotated[RenameOrganisationInput, strawberry.argument(description="The name.")]
    ) -> RenameOrganisationResult:
        context = info.context
        renamed = await context.service(OrganisationService).rename(
            context.caller, organisation_id(input.organisation_id), input.name, context.client
        )
        return RenameOrganisationSuccess(organisation=Organisation.of(renamed, info))

    @strawberry.mutation(description="Deletes an organisation with its keys and all it made; only owners do.")
    async def delete_organisation(
        self, info: Info, input: Annotated[DeleteOrganisationInput, strawberry.argument(description="Which one.")]
    ) -> DeleteOrganisationResult:
        context = info.context
        await context.service(OrganisationClosing).close(
            context.caller, organisation_id(input.organisation_id), input.name, context.client
        )
        return DeleteOrganisationSuccess(organisation_id=input.organisation_id)

    @strawberry.mutation(description="Gives a member another role.")
    async def change_organisation_member_role(
        self, info: Info, input: Annotated[ChangeOrganisationMemberRoleInput, strawberry.argument(description="Who.")]
    ) -> ChangeOrganisationMemberRoleResult:
        context, role = info.context, MemberRole[input.role.name]
        changed = await context.service(OrganisationService).change_role(
            context.caller, organisation_id(input.organisation_id), input.email, role, context.client
        )
        return ChangeOrganisationMemberRoleSuccess(organisation=Organisation.of(changed, info))

    @strawberry.mutation(description="Removes a member, or leaves.")
    async def remove_organisation_member(
        self, info: Info, input: Annotated[RemoveOrganisationMemberInput, strawberry.argument(description="Who.")]
    ) -> RemoveOrganisationMemberResult:
        context = info.context
        await context.service(OrganisationService).dismiss(
            context.caller, organisation_id(input.organisation_id), input.email, context.client
        )
        return RemoveOrganisationMemberSuccess(organisation_id=input.organisation_id)


def organisation_id(given: strawberry.ID) -> str:
    """Raises `ValidationFailed` for what is not the id of an organisation."""
    return local_id(given, "Organisation", "organisationId")
