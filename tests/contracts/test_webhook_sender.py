"""Senders of webhooks: over HTTP to a receiver on this machine, and in memory."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import pytest

from adapters.memory.webhook_sender import MemoryWebhookSender
from adapters.webhooks.sender import open_sender
from domain.webhooks.destinations import Destinations
from domain.webhooks.sender import Answer, DeliveryProblem, Message, NotDelivered, WebhookSender
from tests.contracts.closed_port import closed_port
from tests.webhooks.receiver import open_receiver

LOCAL = Destinations(loopback=True)


@dataclass(frozen=True)
class Post:
    """A sender, the address of a receiver, how to make that answer, and the headers and bodies that reached it."""

    sender: WebhookSender
    url: str
    answer: Callable[[int, bytes, str | None], None]
    arrived: Callable[[], list[tuple[str | None, str]]]


@pytest.fixture(params=["http", "memory"])
async def post(request: pytest.FixtureRequest) -> AsyncGenerator[Post, None]:
    if request.param == "memory":
        yield _in_memory()
        return
    async with open_receiver() as receiver, open_sender(LOCAL) as sender:

        def answer(status: int, body: bytes, location: str | None) -> None:
            receiver.answer = (status, body, {"location": location} if location else {})

        yield Post(
            sender, receiver.url, answer, lambda: [(got.headers.get("webhook-id"), got.body) for got in receiver.got]
        )


def _in_memory() -> Post:
    url = "http://127.0.0.1:9/hooks"
    sender = MemoryWebhookSender(LOCAL, {url: lambda message: (200, b"ok")})

    def answer(status: int, body: bytes, location: str | None) -> None:
        sender.receivers[url] = lambda message: (status, body)

    return Post(
        sender, url, answer, lambda: [(sent.headers.get("webhook-id"), sent.body.decode()) for sent in sender.sent]
    )


def message(url: str) -> Message:
    return Message(url, {"webhook-id": "msg_1", "content-type": "application/json"}, b'{"a":1}')


async def test_a_message_arrives_as_it_is(post: Post) -> None:
    assert await post.sender.send(message(post.url)) == Answer(200, "ok")
    assert post.arrived() == [("msg_1", '{"a":1}')]


@pytest.mark.parametrize("status", [204, 400, 410, 429, 500, 503])
async def test_any_status_is_an_answer(post: Post, status: int) -> None:
    post.answer(status, b"", None)
    assert await post.sender.send(message(post.url)) == Answer(status, "")


async def test_redirects_are_not_followed(post: Post) -> None:
    post.answer(307, b"", post.url)
    assert (await post.sender.send(message(post.url))).status == 307
    assert len(post.arrived()) == 1


async def test_of_the_text_a_short_piece_is_kept_without_control_characters(post: Post) -> None:
    post.answer(500, b"a\x00b\nc\xff" + b"x" * 200_000, None)
    excerpt = (await post.sender.send(message(post.url))).excerpt
    assert excerpt.startswith("a b c\N{REPLACEMENT CHARACTER}x")
    assert len(excerpt) == 500


async def test_where_nobody_listens_the_connection_fails(post: Post) -> None:
    with pytest.raises(NotDelivered) as refusal:
        await post.sender.send(message(f"http://127.0.0.1:{closed_port()}/"))
    assert refusal.value.problem is DeliveryProblem.CONNECTION_FAILED


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://169.254.169.254/", "https://[::ffff:127.0.0.1]/"])
async def test_addresses_that_are_not_public_are_refused(post: Post, url: str) -> None:
    with pytest.raises(NotDelivered) as refusal:
        await post.sender.send(message(url))
    assert refusal.value.problem is DeliveryProblem.ADDRESS_REFUSED
    assert post.arrived() == []


async def test_a_name_that_does_not_exist_is_told(post: Post) -> None:
    with pytest.raises(NotDelivered) as refusal:
        await post.sender.send(message("https://nobody.invalid/"))
    assert refusal.value.problem is DeliveryProblem.NAME_NOT_FOUND
