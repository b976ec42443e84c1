"""A client of Cadenza's public API, as any other would be: GraphQL over HTTP and graphql-transport-ws."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from bootstrap.cli import documents
from bootstrap.cli.home import Home, Person

FINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "EXPIRED"})
RECONNECTS = 20
UNAUTHENTICATED = "UNAUTHENTICATED"
UNAVAILABLE = "DEPENDENCY_UNAVAILABLE"
# Longer than any call takes, so that a token does not run out on the way.
FRESH = timedelta(seconds=60)


class ApiProblem(Exception):
    """What the API answered instead of a result, in its own words."""


class CadenzaClient:
    """Use `sign_in_or_up` first, or give it an API key; the token then goes with every call.

    Sessions are kept in `home`, if there is one, and are refreshed when they need it.
    """

    def __init__(self, url: str, home: Home | None = None, api_key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._home = home
        self._token = api_key
        self._session: Mapping[str, str] = {}

    async def sign_in_or_up(self, person: Person) -> None:
        """Goes on with the session that was kept, if it still lives."""
        kept = None if self._home is None else self._home.session(self.url)
        if kept is not None and kept["email"] == person.email and await self._refreshed(kept):
            return
        credentials = {"email": person.email, "password": person.password}
        answer = (await self.execute(documents.SIGN_IN, {"input": credentials}))["signIn"]
        if answer["__typename"] != "SignInSuccess":
            new = {**credentials, "displayName": person.display_name}
            answer = (await self.execute(documents.SIGN_UP, {"input": new}))["signUp"]
        self._take(success(answer)["session"], person.email)

    async def _refreshed(self, session: Mapping[str, str]) -> bool:
        """Takes the session with an access token that is good for a while; False when it is over."""
        if _lives_on(session["expiresAt"]):
            self._session, self._token = session, session["accessToken"]
            return True
        self._token = None
        token = {"refreshToken": session["refreshToken"]}
        answer = (await self._send(documents.REFRESH, {"input": token}))["refreshSession"]
        if answer["__typename"] != "RefreshSessionSuccess":
            return False
        self._take(answer["session"], session["email"])
        return True

    def _take(self, session: Mapping[str, str], email: str) -> None:
        self._session, self._token = {**session, "email": email}, session["accessToken"]
        if self._home is not None:
            self._home.remember_session(self.url, self._session)

    async def _keep_fresh(self) -> None:
        """Raises `ApiProblem` when the session was ended."""
        if self._session and not await self._refreshed(self._session):
            raise self._ended()

    def _ended(self) -> ApiProblem:
        """Forgets the session, so that the next run signs in."""
        self._session, self._token = {}, None
        if self._home is not None:
            self._home.remember_session(self.url, None)
        return ApiProblem("Your session was ended. Run the command again to sign in.")

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Raises `ApiProblem` for top-level errors and for an API that cannot be reached."""
        await self._keep_fresh()
        return await self._send(document, variables)

    async def _send(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        transport = HTTPXAsyncTransport(f"{self.url}/graphql", headers=self._headers(), timeout=30)
        try:
            async with Client(transport=transport, execute_timeout=30) as session:
                answer: dict[str, Any] = await session.execute(
                    GraphQLRequest(document, variable_values=dict(variables or {}))
                )
                return answer
        except TransportQueryError as error:
            if self._session and any(_code(item) == UNAUTHENTICATED for item in error.errors or []):
                raise self._ended() from error
            raise ApiProblem("; ".join(item["message"] for item in error.errors or [])) from error
        except (TransportError, httpx.HTTPError, OSError) as error:
            raise ApiProblem(f"The API at {self.url} did not answer: {error}") from error

    async def generate(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        return await self.accepted(documents.GENERATE, "generateTrack", wish)

    async def accepted(self, document: str, mutation: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The accepted job: its id, the ids of its track and version, and the seed. Raises `ApiProblem`."""
        answer = await self.execute(document, {"input": dict(wish)})
        job: dict[str, Any] = success(answer[mutation])["job"]
        return job

    async def progress(self, job_id: str) -> AsyncGenerator[dict[str, Any], None]:
        """Every event of a job to its end; reconnects where it left off."""
        async with aclosing(self._events(documents.PROGRESS, {"jobId": job_id})) as events:
            async for event in events:
                yield event
                if event["status"] in FINAL:
                    return

    async def my_jobs(self) -> AsyncGenerator[dict[str, Any], None]:
        """Every event of all jobs, for ever; reconnects where it left off."""
        async with aclosing(self._events(documents.MY_JOBS, {})) as events:
            async for event in events:
                yield event

    async def _events(self, document: str, variables: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        last: str | None = None
        failures = 0
        while failures < RECONNECTS:
            try:
                async with aclosing(self._subscribe(document, {**variables, "after": last})) as events:
                    async for event in events:
                        last, failures = event["eventId"], 0
                        yield event
            except TransportQueryError as error:
                if any(_code(item) != UNAVAILABLE for item in error.errors or [{}]):
                    raise ApiProblem("; ".join(item["message"] for item in error.errors or [])) from error
                await _pause(failures)
            except (TransportError, OSError):
                await _pause(failures)
            failures += 1
        raise ApiProblem(f"The connection to {self.url} was lost. The job goes on; `cadenza jobs` shows it.")

    async def _subscribe(self, document: str, variables: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The events of a subscription that has one field."""
        await self._keep_fresh()
        address = self.url.replace("http", "ws", 1) + "/graphql"
        transport = WebsocketsTransport(
            address,
            init_payload=self._headers(),
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            ping_interval=20,
            pong_timeout=10,
        )
        async with Client(transport=transport) as session:
            request = GraphQLRequest(document, variable_values=dict(variables))
            async for answer in session.subscribe(request):
                (event,) = answer.values()
                yield event

    async def result(self, job_id: str, track_id: str, version_id: str | None = None) -> dict[str, Any]:
        """What the job made, and where it plays; the current version of the track if none is named."""
        ids = {"jobId": job_id, "trackId": track_id, "versionId": version_id}
        return await self.execute(documents.RESULT, ids)

    async def cancel(self, job_id: str) -> None:
        await self.execute(documents.CANCEL, {"input": {"jobId": job_id}})

    async def download(self, url: str, path: Path) -> None:
        """Raises `ApiProblem` when the file cannot be fetched or written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            async with httpx.AsyncClient(timeout=60) as http, http.stream("GET", url) as answer:
                answer.raise_for_status()
                with path.open("wb") as file:
                    async for block in answer.aiter_bytes():
                        file.write(block)
        except (httpx.HTTPError, OSError) as error:
            raise ApiProblem(f"{path} could not be saved: {error}") from error

    def _headers(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}


async def _pause(failures: int) -> None:
    await asyncio.sleep(min(5.0, 0.2 * 2**failures))


def _lives_on(moment: str) -> bool:
    return datetime.fromisoformat(moment) - datetime.now(UTC) > FRESH


def _code(error: Mapping[str, Any]) -> object:
    return error.get("extensions", {}).get("code")


def success(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer if it is a success; raises `ApiProblem` with the problem's own words."""
    if answer["__typename"].endswith("Success"):
        return answer
    raise ApiProblem(answer["message"])
