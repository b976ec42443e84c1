"""Trying an endpoint, and sending again what did not arrive."""

from typing import Annotated

import strawberry

from domain.webhooks.services.look_back import WebhookHistory
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.webhooks.inputs import RedeliverWebhookInput, ReplayWebhookDeliveriesInput, SendTestWebhookInput
from graphql_api.webhooks.mutations.endpoints import endpoint_id
from graphql_api.webhooks.types import WebhookDelivery, WebhookEndpointDisabled


@strawberry.type(description="A test is on its way; it is sent once, also to an endpoint that is disabled.")
class SendTestWebhookSuccess:
    delivery: WebhookDelivery = strawberry.field(description="The test; ask for it again by its id.")


@strawberry.type(description="The deliveries are in line again.")
class ReplayWebhookDeliveriesSuccess:
    replayed_count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="The delivery is in line again.")
class RedeliverWebhookSuccess:
    delivery: WebhookDelivery = strawberry.field(description="The delivery as it is now.")


SendTestWebhookResult = Annotated[
    SendTestWebhookSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("SendTestWebhookResult", description="How lining up the test ended."),
]
ReplayWebhookDeliveriesResult = Annotated[
    ReplayWebhookDeliveriesSuccess
    | WebhookEndpointDisabled
    | ValidationFailed
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("ReplayWebhookDeliveriesResult", description="How the replay began."),
]
RedeliverWebhookResult = Annotated[
    RedeliverWebhookSuccess | WebhookEndpointDisabled | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RedeliverWebhookResult", description="How lining up the delivery ended."),
]


@strawberry.type
class DeliveryMutation:
    @strawberry.mutation(description="Sends a message of the type `webhook.test`.")
    async def send_test_webhook(
        self, info: Info, input: Annotated[SendTestWebhookInput, strawberry.argument(description="Which endpoint.")]
    ) -> SendTestWebhookResult:
        history = info.context.service(WebhookHistory)
        test = await history.send_test(info.context.caller, endpoint_id(input.endpoint_id))
        return SendTestWebhookSuccess(delivery=WebhookDelivery.of(test))

    @strawberry.mutation(description="Sends again what failed for good, or was missed while the endpoint was disabled.")
    async def replay_webhook_deliveries(
        self,
        info: Info,
        input: Annotated[ReplayWebhookDeliveriesInput, strawberry.argument(description="Which deliveries.")],
    ) -> ReplayWebhookDeliveriesResult:
        history = info.context.service(WebhookHistory)
        count = await history.replay(info.context.caller, endpoint_id(input.endpoint_id), input.since)
        return ReplayWebhookDeliveriesSuccess(replayed_count=count)

    @strawberry.mutation(description="Sends one message again, whatever came of it, under the id it had.")
    async def redeliver_webhook(
        self, info: Info, input: Annotated[RedeliverWebhookInput, strawberry.argument(description="Which delivery.")]
    ) -> RedeliverWebhookResult:
        delivery_id = local_id(input.delivery_id, "WebhookDelivery", "deliveryId")
        delivery = await info.context.service(WebhookHistory).redeliver(info.context.caller, delivery_id)
        return RedeliverWebhookSuccess(delivery=WebhookDelivery.of(delivery))
