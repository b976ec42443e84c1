"""The way out: names resolved once, addresses checked, TLS held to the name, nothing else taken from outside."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import pytest

from adapters.webhooks.network import CheckedNetwork, SystemResolver
from adapters.webhooks.sender import HttpWebhookSender, open_sender
from domain.webhooks.addresses import Address
from domain.webhooks.destinations import Destinations
from domain.webhooks.sender import DeliveryProblem, Message, NotDelivered
from tests.webhooks.certificates import self_signed, trusting
from tests.webhooks.receiver import Receiver, open_receiver

HOST = "hooks.example"


@dataclass
class TurningResolver:
    """Answers with one list of addresses after the other, as a name server that rebinds would."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    async def addresses(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0)


@dataclass
class NoNetwork(httpcore.AsyncNetworkBackend):
    """Notes where a connection would have gone."""

    connected: list[tuple[str, int]] = field(default_factory=list)

    async def connect_tcp(
        self, host: str, port: int, *_: Any, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        raise httpcore.ConnectError("this is a test")


@dataclass(frozen=True)
class Anywhere(Destinations):
    """For tests of TLS, whose server has to be on this machine."""

    def allows(self, host: str, port: int, address: Address) -> bool:
        return True


def refused(problem: DeliveryProblem) -> Any:
    return pytest.raises(NotDelivered, match=f"^{problem.value}:")


async def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to() -> None:
    # given a name that is public when it is asked for and this machine a moment later
    resolver, network = TurningResolver([["1.1.1.1"], ["127.0.0.1"]]), NoNetwork()
    # when a connection is opened
    with refused(DeliveryProblem.CONNECTION_FAILED):
        await CheckedNetwork(resolver, Destinations(), network).connect_tcp(HOST, 443)
    # then it went to the address that was checked, and nobody asked again
    assert network.connected == [("1.1.1.1", 443)]
    assert resolver.asked == [HOST]


async def test_the_next_connection_is_checked_anew() -> None:
    resolver, network = TurningResolver([["1.1.1.1"], ["127.0.0.1"]]), NoNetwork()
    checked = CheckedNetwork(resolver, Destinations(), network)
    with refused(DeliveryProblem.CONNECTION_FAILED):
        await checked.connect_tcp(HOST, 443)
    with refused(DeliveryProblem.ADDRESS_REFUSED):
        await checked.connect_tcp(HOST, 443)
    assert network.connected == [("1.1.1.1", 443)]


@pytest.mark.parametrize(
    "bad", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1%1", "x"]
)
async def test_one_address_that_may_not_be_connected_to_refuses_them_all(bad: str) -> None:
    for answer in ([bad], ["1.1.1.1", bad], [bad, "1.1.1.1"]):
        network = NoNetwork()
        with refused(DeliveryProblem.ADDRESS_REFUSED):
            await CheckedNetwork(TurningResolver([answer]), Destinations(), network).connect_tcp(HOST, 443)
        assert network.connected == []


async def test_every_address_is_tried_in_turn() -> None:
    network = NoNetwork()
    with refused(DeliveryProblem.CONNECTION_FAILED):
        await CheckedNetwork(TurningResolver([["1.1.1.1", "2606:4700::1111"]]), Destinations(), network).connect_tcp(
            HOST, 8443
        )
    assert network.connected == [("1.1.1.1", 8443), ("2606:4700::1111", 8443)]


async def test_a_port_that_is_not_allowed_is_never_connected_to() -> None:
    network = NoNetwork()
    with refused(DeliveryProblem.ADDRESS_REFUSED):
        await CheckedNetwork(TurningResolver([["1.1.1.1"]]), Destinations(), network).connect_tcp(HOST, 22)
    assert network.connected == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
async def test_other_spellings_of_this_machine_are_found_out_by_resolving_them(host: str) -> None:
    network, resolver = NoNetwork(), SystemResolver()
    with refused(DeliveryProblem.ADDRESS_REFUSED):
        await CheckedNetwork(resolver, Destinations(), network).connect_tcp(host, 443)
    resolver.close()
    assert network.connected == []


async def test_a_name_that_does_not_exist_is_told() -> None:
    resolver = SystemResolver()
    with refused(DeliveryProblem.NAME_NOT_FOUND):
        await CheckedNetwork(resolver, Destinations(), NoNetwork()).connect_tcp("nobody.invalid", 443)
    resolver.close()


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncGenerator[tuple[Receiver, Path], None]:
    """A receiver with a certificate for `HOST`."""
    certificate = self_signed(HOST, tmp_path)
    async with open_receiver(certificate) as receiver:
        yield receiver, certificate


def sender(trusted: Path, timeout_seconds: float = 10.0) -> HttpWebhookSender:
    """Every name is this machine."""
    resolver = TurningResolver([["127.0.0.1"]] * 3)
    return HttpWebhookSender(resolver, Anywhere(), trusting(trusted), timeout_seconds)


async def test_tls_is_for_the_name_while_the_connection_is_to_the_address(secure: tuple[Receiver, Path]) -> None:
    receiver, certificate = secure
    message = Message(f"https://{HOST}:{receiver.port}/hooks", {"webhook-id": "msg_1"}, b"{}")
    assert (await sender(certificate).send(message)).status == 200
    assert receiver.got[0].headers["host"] == f"{HOST}:{receiver.port}"
    assert receiver.got[0].body == "{}"


async def test_a_certificate_for_another_name_or_of_another_authority_gets_nothing(
    secure: tuple[Receiver, Path], tmp_path: Path
) -> None:
    receiver, certificate = secure
    with refused(DeliveryProblem.TLS_FAILED):
        await sender(certificate).send(Message(f"https://other.example:{receiver.port}/", {}, b"{}"))
    stranger = self_signed("stranger.example", tmp_path)
    with refused(DeliveryProblem.TLS_FAILED):
        await sender(stranger).send(Message(f"https://{HOST}:{receiver.port}/", {}, b"{}"))
    assert receiver.got == []


async def test_proxies_in_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with open_receiver() as receiver, open_sender(Destinations(loopback=True)) as opened:
        assert (await opened.send(Message(receiver.url, {}, b"{}"))).status == 200


async def test_an_answer_that_does_not_come_is_waited_for_so_long_and_no_longer() -> None:
    async with open_receiver() as receiver, open_sender(Destinations(loopback=True), 0.2) as opened:
        receiver.holds = asyncio.Event()
        with refused(DeliveryProblem.TIMED_OUT):
            await opened.send(Message(receiver.url, {}, b"{}"))


async def test_what_does_not_speak_http_is_a_bad_response() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, open_sender(Destinations(loopback=True)) as opened:
        with refused(DeliveryProblem.BAD_RESPONSE):
            await opened.send(Message(f"http://127.0.0.1:{port}/", {}, b"{}"))


async def test_a_body_without_end_is_read_in_part_and_its_status_counts() -> None:
    written = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 16_384)
                written += 16_384
                await writer.drain()
        except ConnectionError:
            writer.transport.abort()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, open_sender(Destinations(loopback=True)) as opened:
        answer = await opened.send(Message(f"http://127.0.0.1:{port}/", {}, b"{}"))
    assert (answer.status, answer.excerpt) == (200, "x" * 500)
    assert written < 64 * 2**20
