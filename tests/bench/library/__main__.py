"""`python -m tests.bench.library [TRACKS] [PART...]`: p95 of lists and searches, through the API and in MongoDB alone.

Beside them, in the same run: MongoDB's skip and limit for page 500, and its text index. Judges nothing.
"""

import asyncio
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pymongo
import structlog
from rich.console import Console
from rich.table import Table
from strawberry.relay.utils import to_base64

from bootstrap.collector import settle_collector
from bootstrap.schema import build
from deploy.embedded.supervisor import Supervisor
from domain.kit.caller import Caller
from domain.kit.keyset import SortedPageRequest, place_to_text
from domain.library.listing import NEWEST_FIRST, ORDERS, TrackFilter, place_of
from domain.library.service import LibraryService
from graphql_api.core.connections import CURSOR
from tests.bench.ledger import own_mongod
from tests.bench.library import players, rules
from tests.bench.library.shelves import Vocabulary, documents, tracks
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import open_api, open_door
from tests.world import World, open_world

TRACKS, OTHERS = 100_000, 20_000
ROUNDS = 100
PAGE, DEEP = 20, 500
REACH = 50
PEERS = "tracks_with_text_index"
QUERY = """query($filter: TrackFilter, $sort: TrackSort, $after: String) {
  tracks(filter: $filter, sort: $sort, first: 20, after: $after) {
    edges { cursor node { id title artist genre tags createdAt currentVersion { durationSeconds bpm } } }
    pageInfo { hasNextPage }
  }
}"""

Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Shop:
    """One person with a large library."""

    world: World
    caller: Caller
    client: GraphQLClient
    vocabulary: Vocabulary
    chance: random.Random
    player: players.Player
    mongod: Callable[[], int]

    @property
    def tracks(self) -> Any:
        return self.world.client[self.world.database]["tracks"]

    @property
    def peers(self) -> Any:
        """The same tracks under a text index."""
        return self.world.client[self.world.database][PEERS]

    async def through_api(self, **variables: Any) -> object:
        return await self.client.data(QUERY, **variables)

    async def list(self, page: SortedPageRequest, wanted: TrackFilter | None = None) -> Any:
        return await self.world.get(LibraryService).tracks(self.caller, page, wanted or TrackFilter())

    def word(self, first: int, last: int) -> str:
        """One of these ranks of the vocabulary."""
        return self.vocabulary.words[self.chance.randrange(first, last)]


async def timed(shop: Shop, ask: Ask) -> str:
    """Median and p95 in milliseconds, warm, and in brackets the means of CPU: of this process and of mongod."""
    for _ in range(5):
        await ask()
    taken, own, theirs = [], time.process_time(), cpu_seconds(shop.mongod())
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - started) * 1000)
    own, theirs = time.process_time() - own, cpu_seconds(shop.mongod()) - theirs
    spent = f"[{own / ROUNDS * 1000:.1f} + {theirs / ROUNDS * 1000:.1f}]"
    return f"{statistics.median(taken):.1f} / {statistics.quantiles(taken, n=20)[-1]:.1f} {spent}"


def cpu_seconds(pid: int) -> float:
    """What a process has spent so far, in its own code and in the kernel's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def open_shop(
    mongo_url: str, mongod: Callable[[], int], folder: Path, count: int, has_peers: bool
) -> AsyncGenerator[Shop, None]:
    chance = random.Random(1)
    async with (
        open_world(mongo_url, folder) as world,
        open_door() as door,
        open_api(world, door, build()) as api,
    ):
        ada, bob = await api.person(), await api.person("Bob")
        player = await players.player(world, ada.caller, api.http, count, chance)
        shop = Shop(world, ada.caller, ada.client, Vocabulary(chance), chance, player, mongod)
        await shop.peers.create_index([("owner_id", 1), *((name, "text") for name in TEXTS)], default_language="none")
        for owner, number in ((bob.caller.require(), OTHERS), (ada.caller.require(), count)):
            for batch in documents(tracks(owner, number, shop.vocabulary, chance)):
                await shop.tracks.insert_many(batch, ordered=False)
                if has_peers:
                    peers = [{name: row[name] for name in COPIED} for row in batch]
                    await shop.peers.insert_many(peers, ordered=False)
        await listen(shop)
        yield shop


async def listen(shop: Shop) -> None:
    """Somebody has liked and played some of it."""
    owner, database = shop.caller.require(), shop.world.client[shop.world.database]
    ids = [row["_id"] for row in await shop.tracks.find({"owner_id": owner}, {"_id": True}).to_list()]
    likes, plays = rules.listened(ids, owner, shop.world.clock.now(), shop.chance)
    for name, rows in (("likes", likes), ("plays", plays)):
        if rows:
            await database[name].insert_many(rows, ordered=False)


TEXTS = ("title", "artist", "tags", "description")
COPIED = ("_id", "owner_id", "trashed_at", "created_at", "genre", "current", *TEXTS)


async def places(shop: Shop) -> list[Any]:
    """Where pages around the 500th begin, found by walking there as a client would."""
    place, seen, found = None, 0, []
    first = min(DEEP, shop.player.tracks // PAGE // 2) * PAGE
    while seen < first + ROUNDS * 10:
        page = await shop.list(SortedPageRequest(NEWEST_FIRST, 100, place))
        place, seen = place_of(NEWEST_FIRST, page.items[-1]), seen + 100
        if seen >= first - PAGE:
            found += [place_of(NEWEST_FIRST, track) for track in page.items]
    return found


async def lists(shop: Shop, table: Table) -> None:
    for sort, order in ORDERS.items():
        direct = await timed(shop, partial(shop.list, SortedPageRequest(order)))
        table.add_row(
            f"first page, {sort.value}", await timed(shop, partial(shop.through_api, sort=sort.value)), direct
        )
    deep = await places(shop)

    async def through_api() -> object:
        return await shop.through_api(after=to_base64(CURSOR, place_to_text(NEWEST_FIRST, shop.chance.choice(deep))))

    async def by_cursor() -> object:
        return await shop.list(SortedPageRequest(NEWEST_FIRST, PAGE, shop.chance.choice(deep)))

    async def by_skipping() -> object:
        query = {"owner_id": shop.caller.account_id, "trashed_at": None}
        sort = [("created_at", pymongo.DESCENDING), ("_id", pymongo.DESCENDING)]
        skipped = (DEEP - 1) * PAGE + shop.chance.randrange(ROUNDS)
        return await shop.tracks.find(query, {"facets": False}).sort(sort).skip(skipped).limit(PAGE + 1).to_list()

    table.add_row("page 500, by cursor", await timed(shop, through_api), await timed(shop, by_cursor))
    table.add_row("page 500, MongoDB's skip and limit", "", await timed(shop, by_skipping))


async def searches(shop: Shop, table: Table) -> None:
    kinds: dict[str, Callable[[], str]] = {
        "one of the 10 commonest words": lambda: shop.word(0, 10),
        "one of the 1,000 commonest words": lambda: shop.word(0, 1_000),
        "a rare word": lambda: shop.word(10_000, 20_000),
        "two words": lambda: f"{shop.word(0, 50)} {shop.word(0, 50)}",
    }
    begun: dict[str, Callable[[], str]] = {
        "the first three letters of a word": lambda: shop.word(0, 20_000)[:3],
        "the first letter of a word": lambda: shop.word(0, 20_000)[:1],
        "a word that nothing has": lambda: f"{shop.word(0, 20_000)}x",
    }
    for name, text in {**kinds, **begun}.items():
        table.add_row(f"search: {name}", *await searched(shop, text))
    for name, text in kinds.items():
        table.add_row(f"MongoDB's text index: {name}", "", await timed(shop, partial(by_text_index, shop, text)))


async def searched(shop: Shop, text: Callable[[], str]) -> tuple[str, str]:
    api = await timed(shop, lambda: shop.through_api(filter={"text": text()}))
    return api, await timed(shop, lambda: shop.list(SortedPageRequest(NEWEST_FIRST), TrackFilter(text=text())))


async def by_text_index(shop: Shop, text: Callable[[], str]) -> object:
    """All of the words, the newest tracks first, as the search has it."""
    phrases = " ".join(f'"{word}"' for word in text().split())
    query = {"owner_id": shop.caller.account_id, "trashed_at": None, "$text": {"$search": phrases}}
    found = shop.peers.find(query).sort([("created_at", -1), ("_id", -1)]).limit(PAGE + 1)
    return await found.to_list()


async def filters(shop: Shop, table: Table) -> None:
    tags = shop.vocabulary.tags
    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "a common tag": lambda: {"tags": [shop.chance.choice(tags[:10])]},
        "a rare tag": lambda: {"tags": [shop.chance.choice(tags[200:])]},
        "a genre": lambda: {"genres": ["jazz"]},
        "a genre that nothing has": lambda: {"genres": ["polka"]},
        "tempo, key and length": lambda: {
            "minBpm": 100,
            "maxBpm": 102,
            "keyScale": "Ebmaj",
            "minDurationSeconds": 60,
            "maxDurationSeconds": 120,
        },
        "a tempo that nothing has": lambda: {"minBpm": 500},
    }
    for name, wanted in kinds.items():
        for sort in ("CREATED_AT_DESC", "TITLE_ASC"):
            table.add_row(f"filter: {name}, {sort}", await timed(shop, partial(filtered, shop, wanted, sort)), "")


async def smart(shop: Shop, table: Table) -> None:
    """Smart playlists, newest first and by title."""
    for name, asked in rules.rules(shop.word, shop.chance).items():
        for sort in ("CREATED_AT_DESC", "TITLE_ASC"):
            table.add_row(f"smart: {name}, {sort}", await timed(shop, partial(previewed, shop, asked, sort)), "")


async def browsing(shop: Shop, table: Table) -> None:
    for name, ask in (await players.asked(shop.player, shop.word)).items():
        table.add_row(f"player: {name}", await timed(shop, ask), "")


async def previewed(shop: Shop, asked: Callable[[], dict[str, Any]], sort: str) -> object:
    return await shop.client.data(rules.QUERY, rule=asked(), sort=sort)


async def filtered(shop: Shop, wanted: Callable[[], dict[str, Any]], sort: str) -> object:
    return await shop.through_api(filter=wanted(), sort=sort)


def pid_of(supervisor: Supervisor) -> int:
    (mongod,) = supervisor.status()
    assert mongod.pid is not None
    return mongod.pid


PARTS: Mapping[str, Callable[[Shop, Table], Awaitable[None]]] = {
    "lists": lists,
    "searches": searches,
    "filters": filters,
    "smart": smart,
    "players": browsing,
}


async def measure(count: int, parts: Sequence[str]) -> Table:
    table = Table(
        "what",
        f"API, ms (p95: reach {REACH})",
        "service alone, ms",
        title=f"{count:,} tracks, median / p95 [CPU: API + mongod]",
    )
    with tempfile.TemporaryDirectory(prefix="cadenza-library-") as folder:
        async with (
            own_mongod(Path(folder)) as (supervisor, url),
            open_shop(url, partial(pid_of, supervisor), Path(folder), count, "searches" in parts) as shop,
        ):
            settle_collector()
            for part in parts:
                await PARTS[part](shop, table)
    return table


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else TRACKS
    Console(width=130).print(asyncio.run(measure(wanted, sys.argv[2:] or list(PARTS))))
