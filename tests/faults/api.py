"""A person's connection to the API that tells apart every way in which it can answer, or not answer."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from strawberry import relay

from bootstrap.cli import documents
from domain.kit.ids import new_id

NO_ANSWER = "no answer"
NO_CODE = "no code"
INTERNAL = "INTERNAL"
# What a careful client sends again: nobody knows whether the first call was heard.
IN_DOUBT = frozenset({NO_ANSWER, "DEPENDENCY_UNAVAILABLE"})
PATIENCE_SECONDS = 120.0

GENERATE = """
mutation Generate($input: GenerateTrackInput!) {
  generateTrack(input: $input) {
    __typename
    ... on GenerateTrackSuccess { job { id trackId } jobs { id } }
    ... on Problem { code message }
  }
}
"""


@dataclass(frozen=True)
class Answer:
    """`result` of the one field that was asked for, or the stable `code` of what came instead."""

    result: Any = None
    code: str | None = None
    detail: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether a client can tell what happened; the masked sentence for bugs does not count."""
        return self.code not in (INTERNAL, NO_CODE)


class Unanswered(Exception):
    """A call got no clear answer for as long as a person would wait."""


@dataclass
class Api:
    """One person's calls. `heard` gets every answer, with the name of the operation."""

    url: str
    token: str | None = None
    heard: list[tuple[str, Answer]] = field(default_factory=list)

    async def sign_up(self) -> None:
        new = {"email": f"{new_id()}@cadenza.example", "password": "a good password", "displayName": "Ada"}
        answer = await self.until_answered("signUp", documents.SIGN_UP, {"input": new})
        self.token = answer.result["session"]["accessToken"]

    async def call(self, name: str, document: str, variables: Mapping[str, Any]) -> Answer:
        """One try."""
        answer = await self._try(document, variables)
        self.heard.append((name, answer))
        return answer

    async def until_answered(self, name: str, document: str, variables: Mapping[str, Any]) -> Answer:
        """Sent again as long as nobody knows what became of it; raises `Unanswered`."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            answer = await self.call(name, document, variables)
            if answer.code not in IN_DOUBT:
                return answer
            await asyncio.sleep(0.5)
        raise Unanswered(name)

    async def _try(self, document: str, variables: Mapping[str, Any]) -> Answer:
        try:
            async with httpx.AsyncClient(timeout=40, headers=self._headers()) as http:
                response = await http.post(f"{self.url}/graphql", json={"query": document, "variables": variables})
        except httpx.HTTPError as error:
            return Answer(code=NO_ANSWER, detail=repr(error))
        try:
            return answer_of(response.json())
        except ValueError:
            return Answer(code=NO_CODE, detail=f"{response.status_code}: {response.text[:200]}")

    async def events(self, document: str, variables: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The events of a subscription with one field, on a connection of its own; raises `StreamBroken`."""
        transport = WebsocketsTransport(
            self.url.replace("http", "ws", 1) + "/graphql",
            init_payload=self._headers(),
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            ping_interval=20,
            pong_timeout=10,
            close_timeout=1,
        )
        try:
            async with Client(transport=transport) as session:
                request = GraphQLRequest(document, variable_values=dict(variables))
                async with aclosing(session.subscribe(request)) as answers:
                    async for answer in answers:
                        (event,) = answer.values()
                        yield event
        except TransportQueryError as error:
            raise StreamBroken(answer_of({"errors": error.errors})) from error
        except (TransportError, OSError) as error:
            raise StreamBroken(Answer(code=NO_ANSWER, detail=repr(error))) from error

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


@dataclass
class StreamBroken(Exception):
    """A subscription ended with an error."""

    answer: Answer


def answer_of(body: Mapping[str, Any]) -> Answer:
    """Sorts a GraphQL response: a result, a typed problem, or a top-level error."""
    if errors := body.get("errors"):
        extensions = errors[0].get("extensions") or {}
        return Answer(code=extensions.get("code", NO_CODE), detail=str(errors[0])[:400])
    (result,) = body["data"].values()
    if isinstance(result, Mapping) and "code" in result and "message" in result:
        return Answer(code=result["code"], detail=result["message"])
    return Answer(result)


def bare(global_id: str) -> str:
    """The id as records have it."""
    return relay.GlobalID.from_id(global_id).node_id
