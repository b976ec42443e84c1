"""GraphQL over WebSocket: the protocol graphql-transport-ws, with limits and an eye on the caller's session."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, NoReturn

import orjson
import structlog
from starlette.types import Receive, Scope, Send
from strawberry.http.websocket_origin import is_same_origin, normalize_origin

from domain.kit.concurrency import stop
from graphql_api.core.context import Context
from graphql_api.core.documents.operations import OperationRequest
from graphql_api.core.execution.broadcasts import Listener
from graphql_api.core.front import Front
from graphql_api.core.policy import EdgePolicy
from graphql_api.core.presentation import masked
from graphql_api.core.refusals import BadRequest, Refusal, TooManyOperations
from graphql_api.core.transport.places import ConnectionPlaces, Full
from graphql_api.core.transport.pushing_protocol import push_of
from graphql_api.core.transport.sessions import SessionWatch

log = structlog.get_logger()

SUBPROTOCOL = "graphql-transport-ws"
ACKNOWLEDGED = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'


class Closed(Exception):
    """The connection is to be closed by this side."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gone(Exception):
    """The client has closed the connection."""


class Socket:
    """One connection, from its handshake to its end."""

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
        self._limits = policy.sockets
        self._places = places
        self._sessions = sessions
        self._headers = dict(scope["headers"])
        self._acknowledged = asyncio.Event()
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        await self._receive()
        if not self._is_from_our_pages():
            await self._send({"type": "websocket.close", "code": 1008})
            return
        speaks = SUBPROTOCOL in self._scope["subprotocols"]
        await self._send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if speaks else None})
        try:
            if not speaks:
                raise Closed(4406, "Subprotocol not acceptable")
            with self._places.of_address(self._context.client.address, "websocket"):
                await self._converse()
        except Full:
            await self._close(4429, "Too many connections")
        except Closed as closed:
            await self._close(closed.code, closed.reason)

    async def _converse(self) -> None:
        """Returns when the client is gone; raises `Closed` and `Full`.

        Leaves no circles of references: tens of kilobytes of each connection would wait for the collector.
        """
        work = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._guard())]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            failures = [task.exception() for task in work if task.done()]
        finally:
            running: list[asyncio.Task[Any]] = [*work, *self._operations.values()]
            self._operations.clear()
            await stop(*running)
            del work, running
        while failures:
            if not isinstance(failure := failures.pop(), Gone | OSError | None):
                raise failure

    async def _listen(self) -> NoReturn:
        """Until the first message; its caller then holds one of his places while the conversation goes on."""
        while not self._acknowledged.is_set():
            await self._handle(await self._message())
        with self._places.of_caller(self._context.payer):
            await self._transmit(ACKNOWLEDGED)
            while True:
                await self._handle(await self._message())

    async def _guard(self) -> NoReturn:
        try:
            async with asyncio.timeout(self._limits.init_seconds):
                await self._acknowledged.wait()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        await self._sessions.ended(self._context)
        raise Closed(4403, "Forbidden")

    async def _message(self) -> dict[str, Any]:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Gone
        try:
            message = orjson.loads(event.get("text") or "")
        except orjson.JSONDecodeError:
            raise Closed(4400, "Messages are JSON in text frames") from None
        if not isinstance(message, dict):
            raise Closed(4400, "Messages are JSON objects")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        handler = HANDLERS.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise Closed(4400, "Unknown type of message")
        await handler(self, message)

    async def _initialise(self, message: dict[str, Any]) -> None:
        """The token of a socket stands in its first message, or in the headers of the handshake."""
        if self._acknowledged.is_set():
            raise Closed(4429, "Too many initialisation requests")
        payload = message.get("payload", {})
        if not isinstance(payload, dict):
            raise Closed(4400, "The payload of connection_init is an object")
        header = self._headers.get(b"authorization")
        offered = next((str(value) for name, value in payload.items() if name.lower() == "authorization"), None)
        await self._context.authenticate(header.decode("latin-1") if header is not None else offered)
        self._acknowledged.set()

    async def _ping(self, message: dict[str, Any]) -> None:
        await self._transmit(PONG)

    async def _pong(self, message: dict[str, Any]) -> None:
        """Nothing is waited for."""

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._acknowledged.is_set():
            raise Closed(4401, "Unauthorized")
        operation, payload = message.get("id"), message.get("payload")
        if not isinstance(operation, str) or not operation or not isinstance(payload, dict):
            raise Closed(4400, "A subscribe message has an id and a payload")
        if operation in self._operations:
            raise Closed(4409, f"Subscriber for {operation[:80]} already exists")
        try:
            request = OperationRequest.parse(payload)
        except BadRequest as refusal:
            raise Closed(4400, refusal.message[:100]) from None
        if len(self._operations) >= self._limits.operations:
            await self._refuse(operation, TooManyOperations("Too many operations are running on this connection."))
            return
        self._operations[operation] = asyncio.create_task(self._run(operation, request))

    async def _complete(self, message: dict[str, Any]) -> None:
        operation = message.get("id")
        if not isinstance(operation, str):
            raise Closed(4400, "A complete message has an id")
        if (task := self._operations.pop(operation, None)) is not None:
            await stop(task)

    async def _run(self, operation: str, request: OperationRequest) -> None:
        try:
            admitted = await self._front.admit(request, self._context)
            next_one = b'{"id":' + orjson.dumps(operation) + b',"type":"next","payload":'
            async with aclosing(self._front.stream(admitted, self._context)) as answers:
                if isinstance(answers, Listener) and (push := push_of(self._scope)) is not None:
                    answers.push_to(partial(push, next_one, b"}"))
                async for answer in answers:
                    await self._transmit((next_one + answer + b"}").decode())
            self._forget(operation)
            await self._transmit(orjson.dumps({"id": operation, "type": "complete"}).decode())
        except Refusal as refusal:
            self._forget(operation)
            await self._refuse(operation, refusal)
        except OSError:
            log.debug("socket_gone")
        except Exception as error:
            log.error("socket_operation_crashed", exc_info=error)
            self._forget(operation)
            await self._error(operation, [masked(self._context.request_id)])

    def _forget(self, operation: str) -> None:
        """From the last message on, its id may be used again."""
        if self._operations.get(operation) is asyncio.current_task():
            del self._operations[operation]

    async def _refuse(self, operation: str, refusal: Refusal) -> None:
        await self._error(operation, self._front.refused(refusal, self._context.request_id)["errors"])

    async def _error(self, operation: str, errors: list[dict[str, Any]]) -> None:
        await self._transmit(orjson.dumps({"id": operation, "type": "error", "payload": errors}).decode())

    async def _transmit(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    async def _close(self, code: int, reason: str) -> None:
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            log.debug("socket_gone")

    def _is_from_our_pages(self) -> bool:
        """Browsers apply no CORS to handshakes, so the origin is looked at here."""
        given = self._headers.get(b"origin")
        if given is None:
            return True
        origin = normalize_origin(given.decode("latin-1"))
        if origin is None:
            return False
        host = self._headers.get(b"host", b"").decode("latin-1")
        allowed = {normalize_origin(one) for one in self._policy.origins}
        return "*" in self._policy.origins or origin in allowed or is_same_origin(origin, host)


# By types of messages.
HANDLERS: Mapping[str, Callable[[Socket, dict[str, Any]], Awaitable[None]]] = {
    "connection_init": Socket._initialise,
    "ping": Socket._ping,
    "pong": Socket._pong,
    "subscribe": Socket._subscribe,
    "complete": Socket._complete,
}
