"""GraphQL over HTTP: one operation per POST, answered as JSON or as an event stream; registered queries by GET."""

from collections.abc import Mapping

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send
from strawberry.http.ides import get_graphql_ide_html

from domain.kit.caller import Client
from graphql_api.core.context import Context
from graphql_api.core.documents.operations import OperationRequest, decode, from_url, names_document
from graphql_api.core.front import Admitted, Answer, Front
from graphql_api.core.policy import EdgePolicy
from graphql_api.core.refusals import (
    MethodNotAllowed,
    NotAcceptable,
    OperationTypeNotAllowed,
    Refusal,
    TooManyConnections,
    UnsupportedMediaType,
)
from graphql_api.core.transport.caching import caching_headers, is_fresh
from graphql_api.core.transport.client_address import client_address, user_agent
from graphql_api.core.transport.event_stream import EventStream
from graphql_api.core.transport.media_types import EVENT_STREAM, PLAIN_JSON, RESPONSE_JSON, is_json, negotiate
from graphql_api.core.transport.places import ConnectionPlaces, Full
from graphql_api.core.transport.requests import read_body, request_id_of
from graphql_api.core.transport.sessions import SessionWatch
from graphql_api.core.transport.sockets import Socket

METHODS = ("GET", "POST")
POSTED = "Operations are sent with POST, and registered queries by GET with their id."


class GraphQLEndpoint:
    """The ASGI application at `/graphql`; it finds what runs in the state of the whole application."""

    def __init__(self, policy: EdgePolicy) -> None:
        self._policy = policy
        self._places = ConnectionPlaces(policy.sockets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["app"].state
        client = Client(client_address(scope, self._policy.proxies), user_agent(scope))
        context = Context(request_id_of(scope), client, state.services, state.authenticate)
        if scope["type"] == "websocket":
            await Socket(scope, receive, send, state.front, context, self._policy, self._places, state.sessions).serve()
        else:
            await Exchange(
                scope, receive, send, state.front, context, self._policy, self._places, state.sessions
            ).serve()


class Exchange:
    """One HTTP request and its answer."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        front: Front,
        context: Context,
        policy: EdgePolicy,
        places: ConnectionPlaces,
        sessions: SessionWatch,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._front = front
        self._context = context
        self._policy = policy
        self._places = places
        self._sessions = sessions
        self._headers = dict(scope["headers"])
        self._media_type = PLAIN_JSON

    async def serve(self) -> None:
        if self._wants_ide():
            await self._respond(200, "text/html", get_graphql_ide_html("graphiql").encode(), {})
            return
        try:
            await self._serve()
        except Refusal as refusal:
            answer = self._front.refused(refusal, self._context.request_id)
            is_ok = self._media_type == PLAIN_JSON and not refusal.is_http
            await self._respond(
                200 if is_ok else refusal.status, self._media_type, orjson.dumps(answer), refusal.headers
            )

    async def _serve(self) -> None:
        if self._scope["method"] not in METHODS:
            raise MethodNotAllowed(POSTED, headers={"Allow": ", ".join(METHODS)})
        if self._scope["method"] == "GET" and not names_document(self._scope["query_string"]):
            raise MethodNotAllowed(POSTED, headers={"Allow": "POST"})
        accepted = negotiate(self._header(b"accept"))
        if accepted is None:
            raise NotAcceptable(
                "Answers come as application/graphql-response+json, application/json or text/event-stream."
            )
        # A stream that never begins is refused with a status, which plain JSON would hide.
        self._media_type = accepted if accepted != EVENT_STREAM else RESPONSE_JSON
        request = await self._request()
        await self._context.authenticate(self._header(b"authorization"))
        admitted = await self._front.admit(request, self._context)
        if self._scope["method"] == "GET":
            await self._answer_get(admitted)
        elif accepted == EVENT_STREAM:
            await self._stream(admitted)
        elif admitted.is_subscription:
            raise OperationTypeNotAllowed("Subscriptions need 'Accept: text/event-stream', or a WebSocket.")
        else:
            await self._answer(await self._front.execute(admitted, self._context))

    async def _request(self) -> OperationRequest:
        if self._scope["method"] == "GET":
            return from_url(self._scope["query_string"])
        if not is_json(self._header(b"content-type")):
            raise UnsupportedMediaType("The body must be JSON in UTF-8: 'Content-Type: application/json'.")
        return OperationRequest.parse(decode(await read_body(self._receive)))

    async def _answer_get(self, admitted: Admitted) -> None:
        """What it cost is left out, because it would make every answer another one."""
        if admitted.operation.type is not OperationType.QUERY:
            raise MethodNotAllowed("Only queries are sent with GET.", headers={"Allow": "POST"})
        answer = await self._front.execute(admitted, self._context)
        del answer["extensions"]
        body = orjson.dumps(answer)
        if "errors" in answer:
            await self._respond(200, self._media_type, body, {})
            return
        headers = caching_headers(body, is_public=b"authorization" not in self._headers)
        if is_fresh(self._header(b"if-none-match"), headers["ETag"]):
            await self._not_modified(headers)
        else:
            await self._respond(200, self._media_type, body, headers)

    async def _stream(self, admitted: Admitted) -> None:
        events = EventStream(
            self._receive, self._send, self._front, self._context, self._policy.sockets, self._sessions
        )
        try:
            with (
                self._places.of_address(self._context.client.address, "event_stream"),
                self._places.of_caller(self._context.payer),
            ):
                await events.serve(self._front.stream(admitted, self._context))
        except Full as full:
            raise TooManyConnections("You have too many open connections already.") from full

    async def _answer(self, answer: Answer) -> None:
        await self._respond(200, self._media_type, orjson.dumps(answer), {})

    async def _respond(self, status: int, media_type: str, body: bytes, headers: Mapping[str, str]) -> None:
        sent = [
            (b"content-type", f"{media_type}; charset=utf-8".encode()),
            (b"content-length", str(len(body)).encode()),
            *_encoded({"Cache-Control": "no-store", **headers}),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": sent})
        await self._send({"type": "http.response.body", "body": body})

    async def _not_modified(self, headers: Mapping[str, str]) -> None:
        await self._send({"type": "http.response.start", "status": 304, "headers": _encoded(headers)})
        await self._send({"type": "http.response.body", "body": b""})

    def _wants_ide(self) -> bool:
        return (
            self._policy.ide
            and self._policy.open_to_the_curious
            and self._scope["method"] == "GET"
            and "text/html" in (self._header(b"accept") or "")
        )

    def _header(self, name: bytes) -> str | None:
        value: bytes | None = self._headers.get(name)
        return None if value is None else value.decode("latin-1")


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
