"""The protocol graphql-transport-ws, message by message."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from domain.kit.ids import is_id
from tests.graphql.client import SUBPROTOCOL
from tests.graphql.harness import ORIGIN, Api

VIEWER = "{ viewer { email } }"


def socket_url(api: Api) -> str:
    return f"{api.base_url.replace('http', 'ws')}/graphql"


async def test_queries_and_mutations_work_over_a_socket(api: Api) -> None:
    ada = await api.person()
    async with ada.client.socket() as socket:
        assert [payload async for payload in socket.follow(VIEWER, {})] == [{"data": {"viewer": {"email": ada.email}}}]
        mutation = 'mutation { generateTrack(input: {prompt: "calm"}) { __typename } }'
        assert [payload async for payload in socket.follow(mutation, {})] == [
            {"data": {"generateTrack": {"__typename": "GenerateTrackSuccess"}}}
        ]


async def test_a_ping_is_answered(edge: Api) -> None:
    async with edge.anonymous.socket() as socket:
        await socket.send(type="ping", payload={"a": 1})
        assert await socket.receive() == {"type": "pong"}
        await socket.send(type="pong")
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_the_token_comes_with_the_first_message(api: Api, name: str) -> None:
    ada = await api.person()
    async with api.anonymous.socket({name: f"Bearer {ada.client.token}"}) as socket:
        (payload,) = [payload async for payload in socket.follow(VIEWER, {})]
    assert payload["data"]["viewer"]["email"] == ada.email


async def test_a_bad_token_is_told_with_the_first_operation(edge: Api) -> None:
    async with edge.anonymous.with_token("garbage").socket() as socket:
        (payload,) = [payload async for payload in socket.follow(VIEWER, {})]
    assert payload["data"] == {"viewer": None}
    assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("subscription {", "Syntax Error: Expected Name, found <EOF>."),
        ("", 'Request data is missing a "query" value'),
        ("subscription { nope }", "Cannot query field 'nope' on type 'Subscription'."),
        ("{ a " * 700 + "}" * 700, "Syntax Error: Document is nested too deeply. Parsing aborted."),
    ],
)
async def test_what_is_wrong_with_a_document_ends_that_operation_alone(edge: Api, query: str, message: str) -> None:
    async with edge.anonymous.socket() as socket:
        await socket.subscribe(query, {})
        answer = await socket.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        (error,) = answer["payload"]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_REQUEST")
        assert is_id(error["extensions"]["requestId"])
        # and the connection lives on
        assert [payload async for payload in socket.follow(VIEWER, {})] == [{"data": {"viewer": None}}]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no json", 4400),
        ("5", 4400),
        ("null", 4400),
        ("[]", 4400),
        ('[{"type": "ping"}]', 4400),
        ("{}", 4400),
        ('{"type": "nonsense"}', 4400),
        ('{"type": "subscribe"}', 4400),
        ('{"type": "subscribe", "id": "1"}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": 5}', 4400),
        ('{"type": "subscribe", "id": [], "payload": {"query": "{ viewer { id } }"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 5}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { id } }", "variables": 5}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { id } }", "operationName": 5}}', 4400),
        ('{"type": "complete", "id": {}}', 4400),
        (b"\x00\x01", 4400),
        ('{"type": "connection_init"}', 4429),
    ],
)
async def test_a_message_of_the_wrong_shape_closes_the_connection(edge: Api, sent: str | bytes, code: int) -> None:
    async with edge.anonymous.socket() as socket:
        await socket.connection.send(sent)
        assert await closed_with(socket.connection.recv) == code


async def test_two_operations_may_not_have_the_same_id(api: Api) -> None:
    ada = await api.person()
    job = await api.world.ask(ada.caller)
    query = "subscription($id: ID!) { jobProgress(jobId: $id) { status } }"
    async with ada.client.socket() as socket:
        from_node = (await ada.client.data("{ jobs { edges { node { id } } } }"))["jobs"]["edges"][0]["node"]["id"]
        await socket.subscribe(query, {"id": from_node})
        assert (await socket.receive())["payload"]["data"]["jobProgress"]["status"] == "QUEUED"
        await socket.subscribe(query, {"id": from_node})
        assert await closed_with(socket.connection.recv) == 4409
    assert job.id


async def test_nothing_is_done_before_the_first_message(edge: Api) -> None:
    async with connect(socket_url(edge), subprotocols=[SUBPROTOCOL]) as connection:
        await connection.send('{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { id } }"}}')
        assert await closed_with(connection.recv) == 4401


@pytest.mark.parametrize("payload", ["null", "5", "[]"])
async def test_the_first_message_carries_an_object(edge: Api, payload: str) -> None:
    async with connect(socket_url(edge), subprotocols=[SUBPROTOCOL]) as connection:
        await connection.send(f'{{"type": "connection_init", "payload": {payload}}}')
        assert await closed_with(connection.recv) == 4400


@pytest.mark.parametrize("protocol", ["graphql-ws", "nonsense"])
async def test_other_protocols_are_not_spoken(edge: Api, protocol: str) -> None:
    async with connect(socket_url(edge), subprotocols=[Subprotocol(protocol)]) as connection:
        assert connection.subprotocol is None
        assert await closed_with(connection.recv) == 4406


async def test_browsers_may_connect_from_our_own_pages_only(edge: Api) -> None:
    async with connect(socket_url(edge), subprotocols=[SUBPROTOCOL], origin=Origin(ORIGIN)) as connection:
        await connection.send('{"type": "connection_init"}')
        assert await connection.recv() == '{"type":"connection_ack"}'
    with pytest.raises(InvalidStatus) as refused:
        await connect(socket_url(edge), subprotocols=[SUBPROTOCOL], origin=Origin("https://elsewhere.example"))
    assert refused.value.response.status_code == 403


async def closed_with(receive: Any) -> int:
    """The code with which the server closes the connection; nothing else may come before it."""
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionClosed) as closed:
            await receive()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code
