"""Sending webhooks with httpcore, which follows no redirects and reads no proxy from the environment."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpcore
import httpx

from adapters.webhooks.network import CheckedNetwork, Resolver, SystemResolver
from domain.webhooks.destinations import Destinations
from domain.webhooks.sender import Answer, DeliveryProblem, Message, NotDelivered, excerpt_of

TIMEOUT_SECONDS = 15.0
MAX_BODY_BYTES = 64 * 1024


class HttpWebhookSender:
    """One connection for each message: an address is never used longer than it was checked for."""

    def __init__(
        self, resolver: Resolver, destinations: Destinations, trust: ssl.SSLContext, timeout_seconds: float
    ) -> None:
        self._network = CheckedNetwork(resolver, destinations)
        self._trust = trust
        self._timeout_seconds = timeout_seconds

    async def send(self, message: Message) -> Answer:
        status: int | None = None
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_seconds), self._answered(message) as response:
                status = response.status
                async for part in response.aiter_stream():
                    body += part
                    if len(body) >= MAX_BODY_BYTES:
                        break
        except NotDelivered:
            raise
        except (TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            if status is None:
                raise _not_delivered(error) from error
        return Answer(status or 0, excerpt_of(bytes(body[:MAX_BODY_BYTES])))

    @asynccontextmanager
    async def _answered(self, message: Message) -> AsyncGenerator[httpcore.Response, None]:
        async with httpcore.AsyncConnectionPool(
            ssl_context=self._trust, max_keepalive_connections=0, network_backend=self._network
        ) as pool:
            request = pool.stream("POST", message.url, headers=list(message.headers.items()), content=message.body)
            async with request as response:
                yield response


@asynccontextmanager
async def open_sender(
    destinations: Destinations, timeout_seconds: float = TIMEOUT_SECONDS
) -> AsyncGenerator[HttpWebhookSender, None]:
    """With the certificate authorities that Python's HTTP clients trust, or those of `SSL_CERT_FILE`."""
    resolver = SystemResolver()
    try:
        yield HttpWebhookSender(resolver, destinations, httpx.create_ssl_context(), timeout_seconds)
    finally:
        resolver.close()


def _not_delivered(error: Exception) -> NotDelivered:
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return NotDelivered(DeliveryProblem.TIMED_OUT, "no answer in time")
    if isinstance(error, httpcore.ProtocolError):
        return NotDelivered(DeliveryProblem.BAD_RESPONSE, str(error)[:100])
    problem = DeliveryProblem.TLS_FAILED if _is_tls(error) else DeliveryProblem.CONNECTION_FAILED
    return NotDelivered(problem, str(error)[:100])


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
