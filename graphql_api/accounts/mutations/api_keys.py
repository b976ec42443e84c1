"""Making API keys and revoking them."""

from typing import Annotated

import strawberry

from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from graphql_api.accounts.api_key_types import ApiKey
from graphql_api.accounts.inputs import CreateApiKeyInput, RevokeApiKeyInput
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed


@strawberry.type(description="The key exists.")
class CreateApiKeySuccess:
    api_key: ApiKey = strawberry.field(description="The key, as it is listed from now on.")
    secret: str = strawberry.field(description="The whole key. It is shown this once and never again.")


@strawberry.type(description="The key works no more.")
class RevokeApiKeySuccess:
    api_key_id: strawberry.ID = strawberry.field(description="The key's id.")


CreateApiKeyResult = Annotated[
    CreateApiKeySuccess | ValidationFailed | Forbidden | Unauthenticated,
    strawberry.union("CreateApiKeyResult", description="How the wish for an API key ended."),
]
RevokeApiKeyResult = Annotated[
    RevokeApiKeySuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RevokeApiKeyResult", description="How the revocation of an API key ended."),
]


@strawberry.type
class ApiKeyMutation:
    @strawberry.mutation(description="Makes an API key for a program of yours.")
    async def create_api_key(
        self, info: Info, input: Annotated[CreateApiKeyInput, strawberry.argument(description="The key.")]
    ) -> CreateApiKeyResult:
        context = info.context
        scopes = [Scope[scope.name] for scope in input.scopes]
        key, secret = await context.service(ApiKeyService).create(
            context.caller, input.name, scopes, input.expires_at, context.client
        )
        return CreateApiKeySuccess(api_key=ApiKey.of(key), secret=secret)

    @strawberry.mutation(description="Revokes an API key. It stops working within seconds.")
    async def revoke_api_key(
        self, info: Info, input: Annotated[RevokeApiKeyInput, strawberry.argument(description="Which key.")]
    ) -> RevokeApiKeyResult:
        key_id = local_id(input.api_key_id, "ApiKey", "apiKeyId")
        await info.context.service(ApiKeyService).revoke(info.context.caller, key_id, info.context.client)
        return RevokeApiKeySuccess(api_key_id=input.api_key_id)
