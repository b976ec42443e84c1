"""GraphQL over HTTP and WebSocket, on the library's own transport."""

from datetime import timedelta
from typing import Any

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from graphql_api.core.context import Context
from graphql_api.core.requests import request_id_of


class GraphQLEndpoint(GraphQL[Context, None]):
    """POST, GraphiQL where it is switched on, and `graphql-transport-ws`; no multipart, no batches."""

    def __init__(self, schema: strawberry.Schema, *, ide: bool) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if ide else None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
        )

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        state = request.app.state
        return Context(request, request_id_of(request.scope), state.services, state.authenticate)

    def encode_json(self, data: object) -> str:
        """Text, because graphql-transport-ws knows no binary frames."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> Any:
        return orjson.loads(data)
