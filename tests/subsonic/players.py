"""Players for tests: a person with a key, and calls as players make them."""

from dataclasses import dataclass
from typing import Any

import httpx

from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from domain.kit.keyset import SortedPageRequest
from domain.library.listing import NEWEST_FIRST
from domain.library.model import Track
from domain.library.service import LibraryService
from tests.graphql.harness import Api, Person

Json = dict[str, Any]


@dataclass(frozen=True)
class Player:
    """`person` listens with a key that may look at libraries."""

    api: Api
    person: Person
    key: str

    async def get(self, endpoint: str, **given: Any) -> httpx.Response:
        return await self.api.http.get(f"/rest/{endpoint}", params={"apiKey": self.key, "f": "json", **given})

    async def call(self, endpoint: str, **given: Any) -> Json:
        """The reply, whatever it says."""
        answer = await self.get(endpoint, **given)
        assert answer.status_code == 200, answer.text
        reply: Json = answer.json()["subsonic-response"]
        return reply

    async def ok(self, endpoint: str, **given: Any) -> Json:
        reply = await self.call(endpoint, **given)
        assert reply["status"] == "ok", reply
        return reply

    async def code(self, endpoint: str, **given: Any) -> int:
        """Of a call that fails."""
        reply = await self.call(endpoint, **given)
        assert reply["status"] == "failed", reply
        found: int = reply["error"]["code"]
        return found

    async def leads_to(self, endpoint: str, **given: Any) -> str:
        answer = await self.get(endpoint, **given)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


async def player(api: Api, person: Person, *scopes: Scope) -> Player:
    _, key = await api.world.get(ApiKeyService).create(person.caller, "player", scopes or [Scope.LIBRARY])
    return Player(api, person, key)


async def song(api: Api, person: Person, title: str = "Evening") -> Track:
    """A song with its files."""
    await api.world.ask(person.caller, title=title)
    await api.world.work_off()
    found = await api.world.get(LibraryService).tracks(person.caller, SortedPageRequest(NEWEST_FIRST))
    return found.items[0]


def titles(found: list[Json]) -> list[str]:
    return [each.get("title") or each["name"] for each in found]
