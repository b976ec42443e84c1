"""Making partner keys and revoking them."""

from typing import Annotated

import strawberry

from domain.kit.caller import Scope
from domain.partners.services.keys import PartnerKeyService
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.partners.inputs import CreatePartnerKeyInput, RevokePartnerKeyInput
from graphql_api.partners.key_types import PartnerKey
from graphql_api.partners.mutations.organisations import organisation_id


@strawberry.type(description="The key exists.")
class CreatePartnerKeySuccess:
    partner_key: PartnerKey = strawberry.field(description="The key, as it is listed from now on.")
    secret: str = strawberry.field(
        description="The whole key (`cdz_partner_…`). It is shown this once and never again."
    )


@strawberry.type(description="The key works no more.")
class RevokePartnerKeySuccess:
    partner_key_id: strawberry.ID = strawberry.field(description="The key's id.")


CreatePartnerKeyResult = Annotated[
    CreatePartnerKeySuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("CreatePartnerKeyResult", description="How the wish for a partner key ended."),
]
RevokePartnerKeyResult = Annotated[
    RevokePartnerKeySuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RevokePartnerKeyResult", description="How the revocation of a partner key ended."),
]


@strawberry.type
class PartnerKeyMutation:
    @strawberry.mutation(description="Makes a key by which a server calls as the organisation.")
    async def create_partner_key(
        self, info: Info, input: Annotated[CreatePartnerKeyInput, strawberry.argument(description="The key.")]
    ) -> CreatePartnerKeyResult:
        context = info.context
        scopes = None if input.scopes is None else [Scope[scope.name] for scope in input.scopes]
        key, secret = await context.service(PartnerKeyService).create(
            context.caller, organisation_id(input.organisation_id), input.name, scopes, input.expires_at, context.client
        )
        return CreatePartnerKeySuccess(partner_key=PartnerKey.of(key), secret=secret)

    @strawberry.mutation(description="Revokes a partner key. It stops working within seconds.")
    async def revoke_partner_key(
        self, info: Info, input: Annotated[RevokePartnerKeyInput, strawberry.argument(description="Which key.")]
    ) -> RevokePartnerKeyResult:
        key_id = local_id(input.partner_key_id, "PartnerKey", "partnerKeyId")
        await info.context.service(PartnerKeyService).revoke(info.context.caller, key_id, info.context.client)
        return RevokePartnerKeySuccess(partner_key_id=input.partner_key_id)
