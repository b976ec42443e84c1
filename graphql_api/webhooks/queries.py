"""Reading one's own endpoints; their deliveries hang on them."""

from typing import Annotated

import strawberry

from domain.webhooks.model import Endpoint as EndpointModel
from domain.webhooks.services.manage import WebhookEndpoints
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.webhooks.types import WebhookEndpoint


@strawberry.type
class WebhookQuery:
    @strawberry.field(description="Your webhook endpoints, newest first.")
    async def webhook_endpoints(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[WebhookEndpoint]:
        request = page_request(first, after)
        page = await info.context.service(WebhookEndpoints).page(info.context.caller, request)
        return connection(page, request, WebhookEndpoint.of, _position)


def _position(endpoint: EndpointModel) -> str:
    return endpoint.id
