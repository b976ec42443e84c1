"""Answers that are made once for many: who gets which, who begins where, and when it ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from domain.kit import concurrency
from graphql_api.core.execution import broadcasts
from graphql_api.core.execution.broadcasts import Broadcasts, Listener
from graphql_api.core.refusals import SlowConsumer
from tests.patience import eventually


class Source:
    """Answers that a test gives out one by one. `begun` counts how often it was opened, `closed` how often it ended."""

    def __init__(self) -> None:
        self.begun = 0
        self.closed = 0
        self._told: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()

    def tell(self, *answers: bytes | Exception | None) -> None:
        for answer in answers:
            self._told.put_nowait(answer)

    async def open(self) -> AsyncGenerator[bytes, None]:
        self.begun += 1
        try:
            while (answer := await self._told.get()) is not None:
                if isinstance(answer, Exception):
                    raise answer
                yield answer
        finally:
            self.closed += 1


@pytest.fixture
def source() -> Source:
    return Source()


async def rest(listener: Listener) -> list[bytes]:
    return [answer async for answer in listener]


async def test_all_who_listen_get_every_answer_of_one_source(source: Source) -> None:
    shared = Broadcasts()
    listeners = [shared.join("key", source.open) for _ in range(3)]

    source.tell(b"a", b"b", None)

    assert await asyncio.gather(*map(rest, listeners)) == [[b"a", b"b"]] * 3
    assert source.begun == source.closed == 1


async def test_who_comes_later_begins_with_the_last_answer(source: Source) -> None:
    shared = Broadcasts()
    early = shared.join("key", source.open)
    source.tell(b"a", b"b")
    assert [await anext(early), await anext(early)] == [b"a", b"b"]

    late = shared.join("key", source.open)

    source.tell(b"c", None)
    assert await rest(late) == [b"b", b"c"]
    assert await rest(early) == [b"c"]


async def test_other_keys_have_sources_of_their_own(source: Source) -> None:
    shared, other = Broadcasts(), Source()
    one, two = shared.join("one", source.open), shared.join("two", other.open)

    source.tell(b"a", None)
    other.tell(b"b", None)

    assert [await rest(one), await rest(two)] == [[b"a"], [b"b"]]


async def test_an_error_of_the_source_ends_it_for_all(source: Source) -> None:
    shared = Broadcasts()
    listeners = [shared.join("key", source.open) for _ in range(2)]

    source.tell(b"a", ValueError("broken"))

    for listener in listeners:
        assert await anext(listener) == b"a"
        with pytest.raises(ValueError, match="broken"):
            await anext(listener)


async def test_one_that_cannot_be_told_keeps_nobody_else_from_hearing(source: Source) -> None:
    # given a listener whose connection breaks when it is written to, and one behind it
    shared = Broadcasts()
    broken, sound = shared.join("key", source.open), shared.join("key", source.open)

    def cut(answer: bytes) -> bool:
        raise ConnectionResetError("cut")

    broken.push_to(cut)
    hearing = [asyncio.create_task(rest(listener)) for listener in (broken, sound)]
    await asyncio.sleep(0)

    # when something is told
    source.tell(b"a", b"b", None)

    # then only the first is ended
    first, second = await asyncio.gather(*hearing, return_exceptions=True)
    assert isinstance(first, ConnectionResetError)
    assert second == [b"a", b"b"]


async def test_the_source_is_closed_with_its_last_listener(source: Source) -> None:
    shared = Broadcasts()
    one, two = (shared.join("key", source.open) for _ in range(2))
    source.tell(b"a")
    assert [await anext(one), await anext(two)] == [b"a", b"a"]

    await one.aclose()
    assert source.closed == 0
    await two.aclose()
    await two.aclose()

    assert source.closed == 1
    # and the next one begins anew
    source.tell(b"b", None)
    assert await rest(shared.join("key", source.open)) == [b"b"]
    assert source.begun == 2


@pytest.mark.parametrize("is_cut_off", [False, True])
async def test_a_source_that_swallows_a_cancellation_is_closed_all_the_same(
    monkeypatch: pytest.MonkeyPatch, is_cut_off: bool
) -> None:
    monkeypatch.setattr(concurrency, "CANCEL_AGAIN_SECONDS", 0.01)
    ends: list[str] = []

    async def stubborn() -> AsyncGenerator[bytes, None]:
        try:
            yield b"a"
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            ends.append("swallowed")
            await asyncio.sleep(60)
        finally:
            ends.append("closed")

    listener = Broadcasts().join("key", stubborn)
    assert await anext(listener) == b"a"
    leaving = asyncio.create_task(listener.aclose())
    if is_cut_off:
        # the connection behind the listener is closed at the same time
        await asyncio.sleep(0)
        leaving.cancel()
    await asyncio.wait({leaving})

    await eventually(lambda: ends == ["swallowed", "closed"])


async def test_a_source_that_has_ended_is_not_joined(source: Source) -> None:
    shared = Broadcasts()
    first = shared.join("key", source.open)
    source.tell(b"a", None)
    assert await rest(first) == [b"a"]

    source.tell(b"b", None)

    assert await rest(shared.join("key", source.open)) == [b"b"]


async def test_who_falls_too_far_behind_is_sent_away_and_holds_up_nobody(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasts, "MOST_BEHIND", 3)
    shared = Broadcasts()
    slow, quick = (shared.join("key", source.open) for _ in range(2))

    for answer in (b"a", b"b", b"c", b"d", b"e"):
        source.tell(answer)
        assert await anext(quick) == answer

    with pytest.raises(SlowConsumer):
        await anext(slow)
    with pytest.raises(SlowConsumer):
        await anext(slow)
    await slow.aclose()
    source.tell(b"f", None)
    assert await rest(quick) == [b"f"]
