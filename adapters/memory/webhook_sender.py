"""Webhooks that arrive in memory, under the same rules about where they may go."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from domain.webhooks.addresses import parsed
from domain.webhooks.destinations import Destinations
from domain.webhooks.sender import Answer, DeliveryProblem, Message, NotDelivered, excerpt_of


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class MemoryWebhookSender:
    """`receivers` answer by URL with a status and a text; where there is none, nobody listens.

    `names` are the addresses of host names; those that are not in it do not exist. While the `gate` is closed no
    answer comes.
    """

    destinations: Destinations
    receivers: dict[str, Callable[[Message], tuple[int, bytes]]] = field(default_factory=dict)
    names: dict[str, Sequence[str]] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=_open_gate)

    async def send(self, message: Message) -> Answer:
        self._check(message.url)
        receiver = self.receivers.get(message.url)
        if receiver is None:
            raise NotDelivered(DeliveryProblem.CONNECTION_FAILED, "nobody listens")
        self.sent.append(message)
        await self.gate.wait()
        status, body = receiver(message)
        return Answer(status, excerpt_of(body))

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        texts = [host] if parsed(host) else self.names.get(host, [])
        if not texts:
            raise NotDelivered(DeliveryProblem.NAME_NOT_FOUND, "the name has no address")
        addresses = [parsed(text) for text in texts]
        if not all(address and self.destinations.allows(host, port, address) for address in addresses):
            raise NotDelivered(DeliveryProblem.ADDRESS_REFUSED, "an address that may not be connected to")
