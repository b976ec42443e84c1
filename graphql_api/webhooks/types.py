"""Endpoints, deliveries and the problems of webhooks, as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Self

import strawberry
from strawberry import relay

from domain.webhooks import errors
from domain.webhooks.model import Attempt
from domain.webhooks.model import Delivery as DeliveryModel
from domain.webhooks.model import DeliveryStatus as DeliveryStatusModel
from domain.webhooks.model import Endpoint as EndpointModel
from domain.webhooks.services.look_back import WebhookHistory
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.core.scalars import URL
from graphql_api.webhooks.loaders import DeliveryLoader, EndpointLoader


@strawberry.enum(description="What an endpoint can be told of.")
class WebhookEvent(Enum):
    JOB_SUCCEEDED = strawberry.enum_value("JOB_SUCCEEDED", description="A job has its result: `job.succeeded`.")
    JOB_FAILED = strawberry.enum_value("JOB_FAILED", description="A job ended without a result: `job.failed`.")
    JOB_CANCELED = strawberry.enum_value("JOB_CANCELED", description="A job was canceled: `job.canceled`.")
    JOB_EXPIRED = strawberry.enum_value("JOB_EXPIRED", description="A job waited too long: `job.expired`.")


@strawberry.enum(description="Whether deliveries are sent to an endpoint.")
class WebhookEndpointStatus(Enum):
    ENABLED = strawberry.enum_value("ENABLED", description="Deliveries are sent.")
    DISABLED_BY_OWNER = strawberry.enum_value("DISABLED_BY_OWNER", description="You switched it off.")
    DISABLED_FAILING = strawberry.enum_value(
        "DISABLED_FAILING", description="It did nothing but fail for five days. Enable it with `updateWebhookEndpoint`."
    )
    DISABLED_GONE = strawberry.enum_value(
        "DISABLED_GONE", description="It answered 410 Gone. Enable it with `updateWebhookEndpoint`."
    )


@strawberry.enum(description="How far a delivery is.")
class WebhookDeliveryStatus(Enum):
    PENDING = strawberry.enum_value("PENDING", description="It is being sent, or will be sent again.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="The endpoint answered with a status of 200 to 299.")
    FAILED = strawberry.enum_value(
        "FAILED", description="It is not sent any more, or was missed; `replayWebhookDeliveries` sends it again."
    )


@strawberry.enum(description="Why an attempt counts as failed.")
class WebhookDeliveryProblem(Enum):
    ADDRESS_REFUSED = strawberry.enum_value(
        "ADDRESS_REFUSED", description="The name resolves to an address that is not of the public internet."
    )
    NAME_NOT_FOUND = strawberry.enum_value("NAME_NOT_FOUND", description="The name does not resolve.")
    CONNECTION_FAILED = strawberry.enum_value("CONNECTION_FAILED", description="Nobody listens, or it hung up.")
    TLS_FAILED = strawberry.enum_value(
        "TLS_FAILED", description="The certificate is not valid for this name, or TLS failed otherwise."
    )
    TIMED_OUT = strawberry.enum_value("TIMED_OUT", description="There was no answer within 15 seconds.")
    BAD_RESPONSE = strawberry.enum_value("BAD_RESPONSE", description="The answer was no HTTP.")
    NOT_ACCEPTED = strawberry.enum_value(
        "NOT_ACCEPTED", description="The status was none of 200 to 299; redirects are not followed."
    )
    UNSIGNABLE = strawberry.enum_value(
        "UNSIGNABLE", description="Its secret is lost on our side; rotate it with `rotateWebhookSecret`."
    )
    INTERNAL = strawberry.enum_value("INTERNAL", description="Something went wrong on our side.")


@strawberry.type(description="How the last attempt of a delivery went.")
class WebhookAttempt:
    at: datetime = strawberry.field(description="When it began.")
    duration_seconds: float = strawberry.field(description="How long it took.")
    response_status: int | None = strawberry.field(description="The HTTP status; null when no answer came.")
    response_excerpt: str = strawberry.field(description="The first 500 characters of the answer.")
    problem: WebhookDeliveryProblem | None = strawberry.field(description="Why it failed; null when it did not.")

    @classmethod
    def of(cls, attempt: Attempt) -> "WebhookAttempt":
        return cls(
            at=attempt.at,
            duration_seconds=attempt.seconds,
            response_status=attempt.status,
            response_excerpt=attempt.excerpt,
            problem=None if attempt.problem is None else WebhookDeliveryProblem(attempt.problem.value),
        )


@strawberry.type(description="One message for one endpoint. Deliveries are kept for 30 days.")
class WebhookDelivery(relay.Node):
    id: relay.NodeID[str]
    message_id: str = strawberry.field(description="The header `webhook-id`, the same in every attempt.")
    event_type: str = strawberry.field(description="The `type` of the message, or `webhook.test`.")
    status: WebhookDeliveryStatus = strawberry.field(description="How far it is.")
    attempts: int = strawberry.field(description="How often it was sent.")
    last_attempt: WebhookAttempt | None = strawberry.field(description="How the last attempt went.")
    next_attempt_at: datetime | None = strawberry.field(description="When it is sent again; null when it is not.")
    created_at: datetime = strawberry.field(description="When what it tells of happened.")
    delivered_at: datetime | None = strawberry.field(description="When it was accepted last.")

    @classmethod
    def of(cls, delivery: DeliveryModel) -> Self:
        return cls(
            id=delivery.id,
            message_id=delivery.message_id,
            event_type=delivery.type,
            status=WebhookDeliveryStatus(delivery.status.value),
            attempts=delivery.attempts,
            last_attempt=None if delivery.last is None else WebhookAttempt.of(delivery.last),
            next_attempt_at=delivery.next_attempt_at,
            created_at=delivery.created_at,
            delivered_at=delivery.delivered_at,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(DeliveryLoader).load_many(list(node_ids))
        return [None if delivery is None else cls.of(delivery) for delivery in found]


@strawberry.type(description="An address of yours that is told of your jobs by signed POST requests.")
class WebhookEndpoint(relay.Node):
    id: relay.NodeID[str]
    url: URL = strawberry.field(description="Where messages are sent.")
    description: str = strawberry.field(description="Your own words for it.")
    events: list[WebhookEvent] = strawberry.field(description="What it is told of.")
    status: WebhookEndpointStatus = strawberry.field(description="Whether deliveries are sent to it.")
    created_at: datetime = strawberry.field(description="When it was registered.")
    disabled_at: datetime | None = strawberry.field(description="Since when it is disabled.")
    failing_since: datetime | None = strawberry.field(description="Since when nothing but failures came from it.")
    old_secret_expires_at: datetime | None = strawberry.field(
        description="Until when the secret before the current one signs as well, or did."
    )
    record: strawberry.Private[EndpointModel]

    @classmethod
    def of(cls, endpoint: EndpointModel) -> Self:
        return cls(
            id=endpoint.id,
            url=URL(endpoint.url),
            description=endpoint.description,
            events=[WebhookEvent(event.name) for event in endpoint.events],
            status=WebhookEndpointStatus(endpoint.status.value),
            created_at=endpoint.created_at,
            disabled_at=endpoint.disabled_at,
            failing_since=endpoint.failing_since,
            old_secret_expires_at=endpoint.old_secret_expires_at,
            record=endpoint,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(EndpointLoader).load_many(list(node_ids))
        return [None if endpoint is None else cls.of(endpoint) for endpoint in found]

    @strawberry.field(description="What was and will be sent to it, newest first.")
    async def deliveries(
        self,
        info: Info,
        status: Annotated[
            WebhookDeliveryStatus | None, strawberry.argument(description="Only those that are this far.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[WebhookDelivery]:
        request = page_request(first, after)
        wanted = None if status is None else DeliveryStatusModel[status.name]
        history = info.context.service(WebhookHistory)
        page = await history.page(info.context.caller, self.record.id, wanted, request)
        return connection(page, request, WebhookDelivery.of, _position)


def _position(delivery: DeliveryModel) -> str:
    return delivery.id


@strawberry.type(description="You have as many webhook endpoints as there may be.")
class TooManyWebhookEndpoints(Problem):
    limit: int = strawberry.field(description="How many there may be.")

    @classmethod
    def of(cls, error: errors.TooManyWebhookEndpoints) -> "TooManyWebhookEndpoints":
        return cls(code=ProblemCode.TOO_MANY_WEBHOOK_ENDPOINTS, message=error.message, limit=error.limit)


@strawberry.type(description="Nothing is sent to this endpoint until it is enabled.")
class WebhookEndpointDisabled(Problem):
    pass


HANDLERS = (
    ProblemHandler(errors.TooManyWebhookEndpoints, TooManyWebhookEndpoints),
    ProblemHandler(errors.WebhookEndpointDisabled, WebhookEndpointDisabled),
)
