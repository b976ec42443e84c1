"""Texts that are written to WebSockets past ASGI: what goes over the wire, and that nothing is overtaken or lost."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from graphql_api.core.transport.pushing_protocol import push_of, text_header
from tests.graphql.harness import Door, open_door

LONG = "ä" * 40_000


@pytest.fixture
async def door() -> AsyncGenerator[Door, None]:
    async with open_door() as found:
        yield found


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_header_is_that_of_the_protocol(size: int) -> None:
    payload = b"x" * size
    assert text_header(size) + payload == Frame(Opcode.TEXT, payload).serialize(mask=False)


async def test_pushed_and_sent_texts_arrive_in_their_order(door: Door) -> None:
    # given an application that pushes and sends in turns
    refused: list[bool] = []

    async def talk(scope: Scope, receive: Receive, send: Send) -> None:
        push: Any = push_of(scope)
        refused.append(push(b"", b"", b"too early"))
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(3):
            assert push(b"pushed ", b"", f"{number} {LONG}".encode())
            await send({"type": "websocket.send", "text": f"sent {number}"})
        await receive()
        await send({"type": "websocket.close"})
        refused.append(push(b"", b"", b"too late"))

    door.inside = talk
    # when somebody listens
    async with connect(door.base_url.replace("http", "ws"), compression=None, max_size=None) as client:
        found = [await client.recv() for _ in range(6)]
        await client.send("bye")
        await client.wait_closed()
    # then everything came in order, and nothing was pushed before the handshake or after the end
    assert [text[: text.index(" ") + 2] for text in map(str, found)] == [
        f"{how} {number}" for number in range(3) for how in ("pushed", "sent")
    ]
    assert refused == [False, False]


async def test_a_client_that_does_not_read_is_not_pushed_to(door: Door) -> None:
    # given a client that leaves what it gets on the wire
    taken = asyncio.Event()
    pushed: list[bool] = []

    async def flood(scope: Scope, receive: Receive, send: Send) -> None:
        push: Any = push_of(scope)
        await receive()
        await send({"type": "websocket.accept"})
        while not pushed or pushed[-1]:
            pushed.append(push(b"", b"", LONG.encode()))
            await asyncio.sleep(0)
        taken.set()
        await receive()

    door.inside = flood
    async with connect(door.base_url.replace("http", "ws"), compression=None, max_size=None, max_queue=1) as client:
        # when more is pushed than connections hold, then pushing says so
        async with asyncio.timeout(30):
            await taken.wait()
        # and what was pushed is there, whole
        for _ in range(len(pushed) - 1):
            assert await client.recv() == LONG


async def test_a_connection_that_compresses_is_not_pushed_to(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[bool] = []

    async def once(scope: Scope, receive: Receive, send: Send) -> None:
        pushed.append(push_of(scope) is not None)
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    door.inside = once
    async with connect(door.base_url.replace("http", "ws"), compression="deflate") as client:
        await client.wait_closed()

    assert pushed == [False]
