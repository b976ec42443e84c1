"""Connections for webhooks: names are resolved here and once, and only a checked address is connected to."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import httpcore

from domain.webhooks.addresses import Address, parsed
from domain.webhooks.destinations import Destinations
from domain.webhooks.sender import DeliveryProblem, NotDelivered

# A name server that keeps silent holds a thread longer than the attempt that asked.
RESOLVER_THREADS = 32


class Resolver(Protocol):
    async def addresses(self, host: str) -> Sequence[str]:
        """All addresses of a name; raises `OSError` when there is none."""
        ...


class SystemResolver:
    """The system's resolver on threads of its own, so that slow names keep nobody else waiting."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="webhook-names")

    async def addresses(self, host: str) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Does not wait for names that are still being looked up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """TLS still verifies the name, because it is started on top with the host of the URL."""

    def __init__(
        self, resolver: Resolver, destinations: Destinations, network: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._resolver = resolver
        self._destinations = destinations
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `NotDelivered` before anything is sent when one of the name's addresses may not be connected to."""
        refusal: Exception | None = None
        for address in await self._checked(host, port):
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
        raise NotDelivered(DeliveryProblem.CONNECTION_FAILED, str(refusal)[:100]) from refusal

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[Address]:
        """Every address must be allowed: one that is not tells of a trick, or of a mistake."""
        texts = [host] if parsed(host) else await self._resolved(host)
        addresses = [parsed(text) for text in texts]
        checked = [address for address in addresses if address and self._destinations.allows(host, port, address)]
        if not checked or len(checked) < len(texts):
            raise NotDelivered(DeliveryProblem.ADDRESS_REFUSED, "an address that may not be connected to")
        return checked

    async def _resolved(self, host: str) -> Sequence[str]:
        try:
            found = await self._resolver.addresses(host)
        except (OSError, UnicodeError) as error:
            raise NotDelivered(DeliveryProblem.NAME_NOT_FOUND, str(error)[:100]) from error
        if not found:
            raise NotDelivered(DeliveryProblem.NAME_NOT_FOUND, "the name has no address")
        return found


def _look_up(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
