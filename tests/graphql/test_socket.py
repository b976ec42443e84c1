"""The protocol graphql-transport-ws, message by message."""

import asyncio
import gc
import json
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from graphql_api.core.execution.broadcasts import Broadcast, Listener
from graphql_api.core.policy import SocketLimits
from graphql_api.core.transport.pushing_protocol import PushingProtocol
from graphql_api.core.transport.sockets import Socket
from tests.graphql.client import SUBPROTOCOL
from tests.graphql.harness import ORIGIN, POLICY, Api, Door, is_request_id, open_api
from tests.patience import eventually

VIEWER = "{ viewer { email } }"


def socket_url(api: Api) -> str:
    return f"{api.base_url.replace('http', 'ws')}/graphql"


async def test_queries_and_mutations_work_over_a_socket(api: Api) -> None:
    ada = await api.person()
    async with ada.client.socket() as socket:
        assert [payload["data"] async for payload in socket.follow(VIEWER, {})] == [{"viewer": {"email": ada.email}}]
        mutation = 'mutation { generateTrack(input: {prompt: "calm"}) { __typename } }'
        assert [payload["data"] async for payload in socket.follow(mutation, {})] == [
            {"generateTrack": {"__typename": "GenerateTrackSuccess"}}
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
        ("", "Syntax Error: Unexpected <EOF>."),
        ("subscription { nope }", "Cannot query field 'nope' on type 'Subscription'."),
    ],
)
async def test_what_is_wrong_with_a_document_ends_that_operation_alone(edge: Api, query: str, message: str) -> None:
    async with edge.anonymous.socket() as socket:
        await socket.subscribe(query, {})
        answer = await socket.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        (error,) = answer["payload"]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_REQUEST")
        assert is_request_id(error["extensions"]["requestId"])
        # and the connection lives on
        assert [payload["data"] async for payload in socket.follow(VIEWER, {})] == [{"viewer": None}]


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


async def test_a_socket_that_says_nothing_is_closed(edge: Api, door: Door, schema: strawberry.Schema) -> None:
    policy = replace(POLICY, sockets=SocketLimits(init_seconds=0.05))
    async with (
        open_api(edge.world, door, schema, policy=policy) as hasty,
        connect(socket_url(hasty), subprotocols=[SUBPROTOCOL]) as connection,
    ):
        assert await closed_with(connection.recv) == 4408


async def test_a_socket_ends_with_its_session(api: Api, door: Door, schema: strawberry.Schema) -> None:
    policy = replace(POLICY, sockets=SocketLimits(revalidate_seconds=0.05))
    async with open_api(api.world, door, schema, policy=policy) as watchful:
        ada = await watchful.person()
        async with ada.client.socket() as socket, watchful.anonymous.socket() as stranger:
            # given a socket that has lived through some looks at its session
            async with asyncio.timeout(5):
                for _ in range(20):
                    assert [one["data"] async for one in socket.follow("{ __typename }", {})] == [
                        {"__typename": "Query"}
                    ]
            # when the session is ended
            await watchful.world.client[watchful.world.database]["sessions"].delete_many({})
            # then it is closed, and nobody else's
            assert await closed_with(socket.connection.recv) == 4403
            assert [one["data"] async for one in stranger.follow(VIEWER, {})] == [{"viewer": None}]


async def test_people_and_addresses_have_only_so_many_sockets(api: Api, door: Door, schema: strawberry.Schema) -> None:
    policy = replace(POLICY, sockets=SocketLimits(per_caller=1, per_address=2))
    async with open_api(api.world, door, schema, policy=policy) as narrow:
        ada, bob = await narrow.person(), await narrow.person("Bob")
        async with ada.client.socket():
            # a second socket of the same person
            async with connect(socket_url(narrow), subprotocols=[SUBPROTOCOL]) as connection:
                token = {"Authorization": f"Bearer {ada.client.token}"}
                await connection.send(json.dumps({"type": "connection_init", "payload": token}))
                assert await closed_with(connection.recv) == 4429
            # and a third one from the same address
            async with (
                bob.client.socket(),
                connect(socket_url(narrow), subprotocols=[SUBPROTOCOL]) as connection,
            ):
                assert await closed_with(connection.recv) == 4429
        # until one is closed
        async with ada.client.socket(), bob.client.socket():
            pass


async def test_a_socket_runs_only_so_many_operations(api: Api, door: Door, schema: strawberry.Schema) -> None:
    policy = replace(POLICY, sockets=SocketLimits(operations=1))
    async with open_api(api.world, door, schema, policy=policy) as narrow:
        ada = await narrow.person()
        async with ada.client.socket() as socket:
            await socket.subscribe("subscription { myJobs { status } }", {}, "1")
            await socket.subscribe(VIEWER, {}, "2")
            refused = await socket.receive()
            assert (refused["id"], refused["type"]) == ("2", "error")
            assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
            # until one is completed
            await socket.send(type="complete", id="1")
            assert [one["data"] async for one in socket.follow(VIEWER, {}, "3")] == [{"viewer": {"email": ada.email}}]


async def closed_with(receive: Any) -> int:
    """The code with which the server closes the connection; nothing else may come before it."""
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionClosed) as closed:
            await receive()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


async def test_a_connection_that_is_over_leaves_nothing_for_the_collector(api: Api) -> None:
    # given somebody who watches a job, and a collector that does not work
    ada = await api.person()
    asked = 'mutation { generateTrack(input: {prompt: "calm"}) { ... on GenerateTrackSuccess { job { id } } } }'
    job = (await ada.client.data(asked))["generateTrack"]["job"]["id"]
    gc.collect()
    gc.disable()
    try:
        async with ada.client.socket() as socket:
            await socket.subscribe("subscription ($id: ID!) { jobProgress(jobId: $id) { status } }", {"id": job})
            assert (await socket.receive())["type"] == "next"
            assert {type(one) for one in held()} == {Socket, PushingProtocol, Listener, Broadcast}
        # when the connection is closed, then all of it is gone
        await eventually(lambda: held() == [])
    finally:
        gc.enable()


def held() -> list[object]:
    kinds = Socket, PushingProtocol, Listener, Broadcast
    # Not `isinstance`, which asks the object, and PyTorch has some that warn.
    return [one for one in gc.get_objects() if issubclass(type(one), kinds)]
