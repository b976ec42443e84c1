"""Who asks for what is not theirs: nobody, a stranger, a stranger's server, and a member who may only look."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.kit.caller import Caller
from tests.graphql.client import GraphQLClient, Json
from tests.graphql.harness import Api
from tests.graphql.sweep.gates import EVENTS, Gate
from tests.partners.office import signed_in

AT_ONCE = 8
# A connection refuses more than 100 operations at once.
ON_ONE_SOCKET = 80
# When nothing is said for so long, subscriptions that may never end wait for something to happen; others are broken.
SILENCE_SECONDS = 0.3
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Asked:
    """A text that was sent to a gate, and the whole answer, less what tells one request from another."""

    text: str
    answer: Json

    def likened(self, *sent: str) -> str:
        """The answer with what was sent put out of it."""
        told = json.dumps(self.answer, sort_keys=True)
        for text in sent:
            told = told.replace(text, "?")
        return told

    @property
    def codes(self) -> set[str]:
        """The codes of problems and of errors."""
        told = [error["extensions"]["code"] for error in self.answer.get("errors", ())]
        results = [each for each in (self.answer.get("data") or {}).values() if isinstance(each, dict)]
        return {*told, *(each["code"] for each in results if "code" in each)}


@dataclass(frozen=True)
class Intruder:
    """`own` has ids of the caller's things by type, `names` the ids under which its records are kept, and `known` is
    what the caller is shown without asking for it. A `person` has a session, which may end under way.
    """

    name: str
    client: GraphQLClient
    own: Mapping[str, str]
    names: Sequence[str] = ()
    known: frozenset[str] = frozenset()
    person: Caller | None = None
    runs_registered_only: bool = False

    async def wake(self, api: Api) -> None:
        """Signs in again when the last gate has ended the session."""
        if self.person is None:
            return
        data = (await self.client.ask("{ viewer { id } }")).body["data"]
        if data["viewer"] is None:
            self.client.token = (await signed_in(api, self.person)).token

    async def ask(self, gate: Gate, document: str, texts: Sequence[str]) -> list[Asked]:
        """Asks for each text by itself."""
        payloads = [self._payload(document, gate.variables(text, self.own)) for text in texts]
        if gate.owner == "Subscription":
            batches = [payloads[start : start + ON_ONE_SOCKET] for start in range(0, len(payloads), ON_ONE_SOCKET)]
            answers = [answer for batch in batches for answer in await heard(self.client, batch, gate.takes == EVENTS)]
        else:
            turns = asyncio.Semaphore(AT_ONCE)
            answers = list(await asyncio.gather(*(self._post(payload, turns) for payload in payloads)))
        return [Asked(text, answer) for text, answer in zip(texts, answers, strict=True)]

    def _payload(self, document: str, variables: Mapping[str, Any]) -> Json:
        which = {"documentId": digest(document)} if self.runs_registered_only else {"query": document}
        return {**which, "variables": variables}

    async def _post(self, payload: Json, turns: asyncio.Semaphore) -> Json:
        headers = {} if self.client.token is None else {"Authorization": f"Bearer {self.client.token}"}
        async with turns:
            response = await self.client.http.post("/graphql", json=payload, headers=headers)
        return tidy(response.json())


async def heard(client: GraphQLClient, payloads: Sequence[Json], endless: bool) -> list[Json]:
    """All that is said to each subscription, as one answer, until all are over, or silent where they may be endless."""
    patience = SILENCE_SECONDS if endless else PATIENCE_SECONDS
    said: list[list[Json]] = [[] for _ in payloads]
    running = set(range(len(payloads)))
    async with client.socket() as socket:
        for number, payload in enumerate(payloads):
            await socket.send(type="subscribe", id=str(number), payload=payload)
        while running:
            try:
                message = await asyncio.wait_for(socket.receive(), patience)
            except TimeoutError:
                if endless:
                    break
                raise
            if message["type"] == "complete":
                running.discard(int(message["id"]))
            elif message["type"] == "error":
                running.discard(int(message["id"]))
                said[int(message["id"])].append({"errors": message["payload"]})
            else:
                said[int(message["id"])].append(message["payload"])
    return [
        {
            "data": {"said": [part.get("data") for part in parts]},
            "errors": [error for part in parts for error in tidy(part).get("errors", ())],
        }
        for parts in said
    ]


def tidy(answer: Json) -> Json:
    """The answer without ids of requests and without what it cost."""
    errors = [
        {**error, "extensions": {name: told for name, told in error["extensions"].items() if name != "requestId"}}
        for error in answer.get("errors", ())
    ]
    return {"data": answer.get("data"), "errors": errors}


def digest(document: str) -> str:
    """What a registered document is asked for by."""
    return sha256(document.encode()).hexdigest()
