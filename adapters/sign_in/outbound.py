"""HTTP to providers: small answers that are neither compressed nor redirects, and no proxy from the environment."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2

MAX_ANSWER_BYTES = 256 * 1024
# A person waits for these calls; all of one step together have the deadline of `answers.py`.
TIMEOUT = httpx2.Timeout(5.0)
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Cadenza"}


class AnswerRefused(httpx2.TransportError):
    """An answer that is not read to its end."""


class NoSuchAnswer(ValueError):
    """An answer without what it has to have."""


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Stays open when a client that uses it is closed; whoever made it closes what is inside."""

    def __init__(self, inside: httpx2.AsyncBaseTransport) -> None:
        self._inside = inside

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises `AnswerRefused` for a redirect and for a compressed answer, whose size nobody knows."""
        response = await self._inside.handle_async_request(request)
        if 300 <= response.status_code < 400 or response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise AnswerRefused(f"HTTP {response.status_code} that redirects or is compressed")
        if not isinstance(response.stream, httpx2.AsyncByteStream):
            raise AnswerRefused("an answer that cannot be read in parts")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_BoundedStream(response.stream),
            extensions=response.extensions,
        )


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inside: httpx2.AsyncByteStream) -> None:
        self._inside = inside

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._inside:
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise AnswerRefused(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
            yield part

    async def aclose(self) -> None:
        await self._inside.aclose()


@asynccontextmanager
async def open_transport() -> AsyncGenerator[BoundedTransport, None]:
    """One pool of connections for all providers, with certifi's authorities, or those of `SSL_CERT_FILE`."""
    async with httpx2.AsyncHTTPTransport(verify=httpx.create_ssl_context()) as inside:
        yield BoundedTransport(inside)


async def fetch_object(transport: BoundedTransport, url: str) -> dict[str, Any]:
    """The JSON object at an address; raises `httpx2.HTTPError` and `NoSuchAnswer`."""
    async with httpx2.AsyncClient(transport=transport, timeout=TIMEOUT, headers=HEADERS) as client:
        return json_object(await client.get(url))


def json_object(response: httpx2.Response) -> dict[str, Any]:
    """Raises `httpx2.HTTPStatusError` for another status than 2xx, and `NoSuchAnswer` for what is no object."""
    found = json_value(response)
    if not isinstance(found, dict):
        raise NoSuchAnswer("no JSON object")
    return found


def json_value(response: httpx2.Response) -> Any:
    """Raises `httpx2.HTTPStatusError` for another status than 2xx, and `NoSuchAnswer` for what is no JSON."""
    response.raise_for_status()
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise NoSuchAnswer("no JSON") from error


def text_of(found: Mapping[str, Any], name: str) -> str:
    """A text that has to be there; raises `NoSuchAnswer`."""
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise NoSuchAnswer(f"no {name}")
    return value
