"""Registering, changing and removing endpoints, and rotating their secrets."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from domain.webhooks.model import WebhookEvent as EventModel
from domain.webhooks.services.manage import EndpointChanges, WebhookEndpoints
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.webhooks.inputs import (
    CreateWebhookEndpointInput,
    DeleteWebhookEndpointInput,
    RotateWebhookSecretInput,
    UpdateWebhookEndpointInput,
)
from graphql_api.webhooks.types import TooManyWebhookEndpoints, WebhookEndpoint, WebhookEvent

SHOWN_ONCE = "Verifies the signatures (`whsec_…`). Keep it: it is not shown again."


@strawberry.type(description="The endpoint is registered.")
class CreateWebhookEndpointSuccess:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(description=SHOWN_ONCE)


@strawberry.type(description="The endpoint is changed.")
class UpdateWebhookEndpointSuccess:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint as it is now.")


@strawberry.type(description="The endpoint and its deliveries are removed.")
class DeleteWebhookEndpointSuccess:
    deleted_id: strawberry.ID = strawberry.field(description="The id it had.")


@strawberry.type(description="The endpoint has a new secret. The one before signs beside it for 24 hours.")
class RotateWebhookSecretSuccess:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(description=SHOWN_ONCE)


CreateWebhookEndpointResult = Annotated[
    CreateWebhookEndpointSuccess
    | ValidationFailed
    | TooManyWebhookEndpoints
    | IdempotencyConflict
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("CreateWebhookEndpointResult", description="How registering ended."),
]
UpdateWebhookEndpointResult = Annotated[
    UpdateWebhookEndpointSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("UpdateWebhookEndpointResult", description="How the change ended."),
]
DeleteWebhookEndpointResult = Annotated[
    DeleteWebhookEndpointSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("DeleteWebhookEndpointResult", description="How removing ended."),
]
RotateWebhookSecretResult = Annotated[
    RotateWebhookSecretSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RotateWebhookSecretResult", description="How the rotation ended."),
]


@strawberry.type
class EndpointMutation:
    @strawberry.mutation(description="Registers an address that is told of your jobs; ten at most.")
    async def create_webhook_endpoint(
        self, info: Info, input: Annotated[CreateWebhookEndpointInput, strawberry.argument(description="The endpoint.")]
    ) -> CreateWebhookEndpointResult:
        made = await info.context.service(WebhookEndpoints).create(
            info.context.caller, input.url, _events(input.events), input.description, input.idempotency_key
        )
        return CreateWebhookEndpointSuccess(endpoint=WebhookEndpoint.of(made.endpoint), secret=made.secret)

    @strawberry.mutation(description="Changes an endpoint, and enables or disables it.")
    async def update_webhook_endpoint(
        self, info: Info, input: Annotated[UpdateWebhookEndpointInput, strawberry.argument(description="The changes.")]
    ) -> UpdateWebhookEndpointResult:
        changes = EndpointChanges(
            url=input.url,
            events=None if input.events is None else _events(input.events),
            description=input.description,
            is_enabled=input.is_enabled,
        )
        changed = await info.context.service(WebhookEndpoints).update(
            info.context.caller, endpoint_id(input.endpoint_id), changes
        )
        return UpdateWebhookEndpointSuccess(endpoint=WebhookEndpoint.of(changed))

    @strawberry.mutation(description="Removes an endpoint. Nothing more is sent to it.")
    async def delete_webhook_endpoint(
        self,
        info: Info,
        input: Annotated[DeleteWebhookEndpointInput, strawberry.argument(description="Which endpoint.")],
    ) -> DeleteWebhookEndpointResult:
        await info.context.service(WebhookEndpoints).delete(info.context.caller, endpoint_id(input.endpoint_id))
        return DeleteWebhookEndpointSuccess(deleted_id=input.endpoint_id)

    @strawberry.mutation(description="Gives an endpoint a new secret, with a day to change over.")
    async def rotate_webhook_secret(
        self, info: Info, input: Annotated[RotateWebhookSecretInput, strawberry.argument(description="Which endpoint.")]
    ) -> RotateWebhookSecretResult:
        service = info.context.service(WebhookEndpoints)
        rotated = await service.rotate(info.context.caller, endpoint_id(input.endpoint_id))
        return RotateWebhookSecretSuccess(endpoint=WebhookEndpoint.of(rotated.endpoint), secret=rotated.secret)


def endpoint_id(given: strawberry.ID) -> str:
    """Raises `ValidationFailed` for what is not the id of an endpoint."""
    return local_id(given, "WebhookEndpoint", "endpointId")


def _events(chosen: Sequence[WebhookEvent]) -> list[EventModel]:
    return [EventModel[event.name] for event in chosen]
