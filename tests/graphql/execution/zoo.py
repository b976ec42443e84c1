"""A schema with every kind of field that the engine plans for, most of which can be made to fail."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import relay

from graphql_api.core.shown import Shown, shows_record


class Broken(Exception):
    """What resolvers raise here."""


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.input
class Wish:
    words: list[str]
    colour: Colour = Colour.RED


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    colour: Colour
    weight: float | None
    born_at: datetime

    @strawberry.field
    def label(self) -> str:
        return f"{self.name} the leaf"

    @strawberry.field
    def fails(self) -> str | None:
        raise Broken(self.name)

    @strawberry.field
    async def fails_later(self) -> str | None:
        await asyncio.sleep(0)
        raise Broken(self.name)

    @strawberry.field
    def must_be(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    async def must_be_later(self) -> str:
        await asyncio.sleep(0)
        return None  # type: ignore[return-value]


@dataclass(frozen=True)
class Place:
    country: str | None


@dataclass(frozen=True)
class Growth:
    """What a twig is a view of."""

    key: str
    centimetres: float
    found_by: str | None
    place: Place


@shows_record(height="centimetres", found_in="place.country")
@strawberry.type
class Twig(Shown, relay.Node):
    key: relay.NodeID[str]
    height: float
    found_by: str
    found_in: str | None
    record: strawberry.Private[Growth]

    @strawberry.field
    def growth(self) -> str:
        return f"{self.key} {self.height}"

    @classmethod
    def resolve_nodes(cls, *, info: strawberry.Info, node_ids: Iterable[str], required: bool = False) -> Any:
        return [twig(node_id, "Ada") for node_id in node_ids]


@strawberry.type
class Branch(Named, relay.Node):
    id: relay.NodeID[str]
    leaves: list[Leaf]
    maybe: list[Leaf | None] | None
    first: Leaf
    lost: Leaf | None
    numbers: list[int]
    bad_numbers: list[int | None]

    @classmethod
    def resolve_nodes(cls, *, info: strawberry.Info, node_ids: Iterable[str], required: bool = False) -> Any:
        return [branch(node_id) for node_id in node_ids]

    @strawberry.field
    async def later(self, info: strawberry.Info[Any, Any]) -> Leaf:
        await asyncio.sleep(0)
        return leaf(f"{info.context}-{info.path.key}")

    @strawberry.field
    async def parts(self) -> list["Part"]:
        await asyncio.sleep(0)
        return [leaf("part"), branch("part")]

    @strawberry.field
    def echo(
        self, text: str, times: int = 2, wish: Wish | None = None, colour: Annotated[Colour, ""] = Colour.BLUE
    ) -> list[str]:
        return [f"{text}{colour.value}{'' if wish is None else wish.words}"] * times

    @strawberry.field
    def named(self) -> Named:
        return leaf("named")

    @strawberry.field
    def wrong(self) -> "Part":
        return object()  # type: ignore[return-value]

    @strawberry.field
    def twigs(self) -> list[Twig | None]:
        return [twig("one", "Ada"), twig("two", None)]

    @strawberry.field
    def inner(self) -> "Branch | None":
        return branch("inner") if self.id == "root" else None


Part = Annotated[Leaf | Branch, strawberry.union("Part")]


def leaf(name: str) -> Leaf:
    return Leaf(name=name, colour=Colour.BLUE, weight=None, born_at=datetime(2026, 1, 1, tzinfo=UTC))


def twig(key: str, found_by: str | None) -> Twig:
    return Twig.of(Growth(key, 2.5, found_by, Place(None)))


def branch(name: str) -> Branch:
    leaves = [leaf("a"), leaf("b")]
    bad: Any = [1, "many", None]
    return Branch(
        id=name,
        name=name,
        leaves=leaves,
        maybe=[leaves[0], None],
        first=leaves[0],
        lost=None,
        numbers=[1, 2],
        bad_numbers=bad,
    )


def refuse() -> list[str]:
    raise Broken("refused")


@strawberry.type
class Query:
    @strawberry.field
    def branch(self) -> Branch:
        return branch("root")

    @strawberry.field
    async def maybe_branch(self) -> Branch | None:
        await asyncio.sleep(0)
        return branch("root")

    @strawberry.field
    def nothing(self) -> str:
        return None  # type: ignore[return-value]

    node: relay.Node = relay.node()


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def append(self, info: strawberry.Info[Any, Any], word: str, seconds: float = 0.0) -> list[str]:
        await asyncio.sleep(seconds)
        info.context.append(word)
        return list(info.context)

    @strawberry.mutation
    async def fail(self) -> str:
        await asyncio.sleep(0)
        raise Broken("mutation")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def branches(self, count: int, then_fail: bool = False) -> AsyncGenerator[Branch, None]:
        for number in range(count):
            yield branch(f"b{number}")
        if then_fail:
            raise Broken("source")

    @strawberry.subscription
    async def refused(self) -> AsyncGenerator[str, None]:
        for word in refuse():
            yield word


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, types=[Leaf, Branch])
