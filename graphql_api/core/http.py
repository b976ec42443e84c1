"""GraphQL over HTTP and WebSocket, on the library's own transport."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.types.unset import UnsetType

from graphql_api.core.context import Context
from graphql_api.core.requests import request_id_of


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Closes the connection on a message of the wrong shape, where the library would crash."""

    async def handle_message(self, message: Any) -> None:
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")


class GraphQLEndpoint(GraphQL[Context, None]):
    """POST, GraphiQL where it is switched on, and `graphql-transport-ws`; no multipart, no batches."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, schema: strawberry.Schema, *, ide: bool, origins: Sequence[str]) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if ide else None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
            allowed_origins=origins,
        )

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        state = request.app.state
        context = Context(request, request_id_of(request.scope), state.services, state.authenticate)
        if isinstance(request, Request):
            await context.authenticate()
        return context

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """The token of a socket stands in its first message, or in the headers of the handshake."""
        await context.authenticate()
        return await super().on_ws_connect(context)

    def encode_json(self, data: object) -> str:
        """Text, because graphql-transport-ws knows no binary frames."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> Any:
        """Raises `JSONDecodeError` also for a bare value, which is neither a request nor a message."""
        decoded = orjson.loads(data)
        if not isinstance(decoded, dict | list):
            raise json.JSONDecodeError("not an object", "", 0)
        return decoded


def _is_message(message: Any) -> bool:
    """Whether the parts that the library takes for granted have the types of the protocol."""
    if not isinstance(message, dict):
        return False
    if message.get("type") == "complete":
        return isinstance(message.get("id"), str)
    if message.get("type") != "subscribe":
        return True
    payload = message.get("payload")
    return (
        isinstance(message.get("id"), str)
        and isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
