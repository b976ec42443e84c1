"""Clients that send slowly, or not to the end: they are cut off, and nobody else is."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
from websockets.asyncio.client import connect

from graphql_api.core.transport.patient_protocol import patient_protocol
from tests.graphql.client import SUBPROTOCOL
from tests.graphql.harness import Api, Door, open_door

RECEIVE_SECONDS = 0.3
START = b"POST /graphql HTTP/1.1\r\nhost: x\r\n"
BODY = b'{"query": "{ viewer { id } }"}'
HEAD = START + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)


@pytest.fixture
async def impatient(edge: Api) -> AsyncGenerator[Door, None]:
    """The application behind a server that waits for requests a moment only."""
    async with open_door(patient_protocol(RECEIVE_SECONDS)) as door:
        door.inside = edge.app
        yield door


async def answer_to(door: Door, *parts: bytes) -> bytes:
    """Everything that the server says until it closes; the client stays."""
    url = httpx.URL(door.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"POST"],
        [START],
        [START + b"x-slow: "],
        [HEAD],
        [HEAD + BODY[:10]],
        [b"\r\n", b"\r\n\r\n"],
        [START + b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{  "],
    ],
    ids=["nothing", "a verb", "a header", "half a header", "no body", "half a body", "blank lines", "half a chunk"],
)
async def test_half_a_request_is_given_up(impatient: Door, parts: list[bytes]) -> None:
    answer = await answer_to(impatient, *parts)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert answer.endswith(b"The request did not arrive in time.")


async def test_a_client_that_drips_is_given_up_all_the_same(impatient: Door) -> None:
    url = httpx.URL(impatient.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    dripping = asyncio.create_task(drip(writer))
    async with asyncio.timeout(10):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(START)
    while True:
        writer.write(b"x-a: b\r\n")
        await writer.drain()
        await asyncio.sleep(RECEIVE_SECONDS / 10)


async def test_half_a_body_is_never_taken_for_a_whole_one(impatient: Door) -> None:
    # given a body that is a whole request, and is announced to be longer
    head = START + b"content-type: application/json\r\ncontent-length: 1000\r\n\r\n"
    answer = await answer_to(impatient, head + BODY)
    # then it is not executed
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_whoever_sends_in_time_is_served_again_and_again(impatient: Door) -> None:
    async with httpx.AsyncClient(base_url=impatient.base_url) as network:
        for _ in range(3):
            response = await network.post("/graphql", json={"query": "{ viewer { id } }"})
            assert response.json()["data"] == {"viewer": None}


async def test_two_requests_at_once_are_both_answered(impatient: Door) -> None:
    close = HEAD.replace(b"host: x\r\n", b"host: x\r\nconnection: close\r\n")
    answer = await answer_to(impatient, HEAD + BODY + close + BODY)
    assert answer.count(b"HTTP/1.1 200 OK") == 2


async def test_a_socket_lives_longer_than_a_request_may_take(impatient: Door) -> None:
    address = impatient.base_url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[SUBPROTOCOL]) as connection:
        await connection.send('{"type": "connection_init"}')
        assert await connection.recv() == '{"type":"connection_ack"}'
        # while others are given up meanwhile
        assert (await answer_to(impatient, HEAD)).startswith(b"HTTP/1.1 408 ")
        await connection.send('{"type": "ping"}')
        assert await connection.recv() == '{"type":"pong"}'
