"""What the webhook mutations take."""

from datetime import datetime

import strawberry

from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.webhooks.types import WebhookEvent

URL_DESCRIPTION = "Where to send: https, port 443 or 8443, plain ASCII, no user name, no fragment."
ENDPOINT_ID = "The endpoint's id."


@strawberry.input(description="A new endpoint.")
class CreateWebhookEndpointInput:
    url: str = strawberry.field(description=URL_DESCRIPTION)
    events: list[WebhookEvent] = strawberry.field(description="What to tell it of; one at least.")
    description: str = strawberry.field(default="", description="Your own words for it, up to 200 characters.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="What to change of an endpoint. What is left out, or null, stays as it is.")
class UpdateWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description=ENDPOINT_ID)
    url: str | None = strawberry.field(default=None, description=URL_DESCRIPTION)
    events: list[WebhookEvent] | None = strawberry.field(default=None, description="What to tell it of; one at least.")
    description: str | None = strawberry.field(default=None, description="Your own words, up to 200 characters.")
    is_enabled: bool | None = strawberry.field(
        default=None, description="Whether to send to it; true enables one that was disabled for whatever reason."
    )


@strawberry.input(description="Which endpoint to remove.")
class DeleteWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description=ENDPOINT_ID)


@strawberry.input(description="Which endpoint gets a new secret.")
class RotateWebhookSecretInput:
    endpoint_id: strawberry.ID = strawberry.field(description=ENDPOINT_ID)


@strawberry.input(description="Which endpoint to try.")
class SendTestWebhookInput:
    endpoint_id: strawberry.ID = strawberry.field(description=ENDPOINT_ID)


@strawberry.input(description="Which deliveries to send again.")
class ReplayWebhookDeliveriesInput:
    endpoint_id: strawberry.ID = strawberry.field(description=ENDPOINT_ID)
    since: datetime = strawberry.field(description="Those of what happened at this time or later.")


@strawberry.input(description="Which delivery to send again.")
class RedeliverWebhookInput:
    delivery_id: strawberry.ID = strawberry.field(description="The delivery's id.")
