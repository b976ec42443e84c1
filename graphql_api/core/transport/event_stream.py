"""One operation as server-sent events: the distinct connections mode of the GraphQL over SSE protocol."""

import asyncio
from collections.abc import AsyncGenerator

import structlog
from starlette.types import Receive, Send

from domain.kit.concurrency import stop
from domain.kit.errors import Unauthenticated
from graphql_api.core.context import Context
from graphql_api.core.execution.broadcasts import Listener
from graphql_api.core.front import Front, written
from graphql_api.core.policy import SocketLimits
from graphql_api.core.presentation import masked
from graphql_api.core.refusals import Refusal
from graphql_api.core.transport.media_types import EVENT_STREAM
from graphql_api.core.transport.sessions import SessionWatch

log = structlog.get_logger()

HEADERS = [
    (b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
COMPLETE = b"event: complete\ndata:\n\n"
KEEP_ALIVE = b":\n\n"


class EventStream:
    """Ends with the operation, with the client, or with the caller's session."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        front: Front,
        context: Context,
        limits: SocketLimits,
        sessions: SessionWatch,
    ) -> None:
        self._receive = receive
        self._send = send
        self._front = front
        self._context = context
        self._limits = limits
        self._sessions = sessions

    async def serve(self, answers: AsyncGenerator[bytes, None] | Listener) -> None:
        """Sends every answer, then says that this was all."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._write(KEEP_ALIVE)
        work = [
            asyncio.ensure_future(one)
            for one in (self._tell(answers), self._keep_alive(), self._watch_session(), self._until_gone())
        ]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await stop(*work)
            await answers.aclose()

    async def _tell(self, answers: AsyncGenerator[bytes, None] | Listener) -> None:
        try:
            async for answer in answers:
                await self._next(answer)
        except Refusal as refusal:
            await self._next(written(self._front.refused(refusal, self._context.request_id)))
        except Exception as error:
            log.error("event_stream_crashed", exc_info=error)
            await self._next(written({"errors": [masked(self._context.request_id)]}))
        await self._complete()

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._limits.keep_alive_seconds)
            await self._write(KEEP_ALIVE)

    async def _watch_session(self) -> None:
        await self._sessions.ended(self._context)
        error = {"message": Unauthenticated("The session has ended.").message, "extensions": self._ended()}
        await self._next(written({"errors": [error]}))
        await self._complete()

    def _ended(self) -> dict[str, str]:
        return {"code": Unauthenticated.code, "requestId": self._context.request_id}

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _next(self, answer: bytes) -> None:
        await self._write(b"event: next\ndata: %b\n\n" % answer)

    async def _complete(self) -> None:
        await self._send({"type": "http.response.body", "body": COMPLETE})

    async def _write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
