"""A small typed GraphQL client for tests: queries over HTTP, subscriptions over graphql-transport-ws spoken by hand."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("graphql-transport-ws")

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One HTTP answer to a GraphQL request."""

    status: int
    headers: httpx.Headers
    body: Json

    @property
    def data(self) -> Json:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        found: Json = self.body["data"]
        return found

    @property
    def error(self) -> Json:
        """The one error of the answer."""
        (found,) = self.body["errors"]
        assert isinstance(found, dict)
        return found

    @property
    def problem(self) -> Json:
        """What the one error says, without where it happened and without the request id."""
        extensions = {name: value for name, value in self.error["extensions"].items() if name != "requestId"}
        return {"message": self.error["message"], **extensions}


class GraphQLClient:
    """Speaks for one person, or for nobody when there is no token."""

    def __init__(self, http: httpx.AsyncClient, socket_url: str, token: str | None = None) -> None:
        self.http = http
        self.token = token
        self._socket_url = socket_url

    def with_token(self, token: str) -> "GraphQLClient":
        return GraphQLClient(self.http, self._socket_url, token)

    async def ask(self, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> Answer:
        """Sends one operation; keyword arguments are its variables."""
        sent = {**self._authorization(), **(headers or {})}
        response = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=sent)
        return Answer(response.status_code, response.headers, response.json())

    async def data(self, query: str, **variables: Any) -> Json:
        """The data of an operation that must succeed."""
        return (await self.ask(query, None, **variables)).data

    async def error(self, query: str, **variables: Any) -> Json:
        """The only error of an operation that must fail."""
        return (await self.ask(query, None, **variables)).problem

    @asynccontextmanager
    async def socket(self, init: Json | None = None) -> AsyncGenerator["GraphQLSocket", None]:
        """An acknowledged connection; `init` replaces the payload that carries the token."""
        payload = self._authorization() if init is None else init
        async with connect(self._socket_url, subprotocols=[SUBPROTOCOL]) as connection:
            socket = GraphQLSocket(connection)
            await socket.send(type="connection_init", payload=payload)
            assert await socket.receive() == {"type": "connection_ack"}
            yield socket

    def _authorization(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


class GraphQLSocket:
    """One WebSocket connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Json:
        message: Json = json.loads(await self.connection.recv(decode=True))
        return message

    async def subscribe(self, query: str, variables: Mapping[str, Any], operation: str = "1") -> None:
        await self.send(type="subscribe", id=operation, payload={"query": query, "variables": variables})

    async def follow(self, query: str, variables: Mapping[str, Any], operation: str = "1") -> AsyncIterator[Json]:
        """The payloads of one operation until the server completes it."""
        await self.subscribe(query, variables, operation)
        while (message := await self.receive())["type"] != "complete":
            assert (message["type"], message["id"]) == ("next", operation), message
            yield message["payload"]
