"""The watch over sessions behind long connections: whom it asks for, and whose connections it ends."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from domain.kit.caller import UNKNOWN_CLIENT, Caller
from domain.kit.concurrency import stop
from domain.kit.errors import DependencyUnavailable
from domain.kit.registry import Services
from graphql_api.core.context import Context
from graphql_api.core.transport.sessions import AT_ONCE, SessionWatch


class Records:
    """Whose sessions live, and who was asked for at once."""

    def __init__(self) -> None:
        self.ended: set[str] = set()
        self.is_away = False
        self.questions: list[Sequence[Caller]] = []
        self._asked = asyncio.Event()

    async def live_among(self, callers: Sequence[Caller]) -> Sequence[Caller]:
        self.questions.append(callers)
        self._asked.set()
        if self.is_away:
            raise DependencyUnavailable("MongoDB")
        return [caller for caller in callers if caller.session_id not in self.ended]

    async def looks(self, times: int) -> None:
        """Returns when it was asked so many times more."""
        for _ in range(times):
            self._asked.clear()
            await asyncio.wait_for(self._asked.wait(), 5)


@asynccontextmanager
async def watching(records: Records) -> AsyncGenerator[SessionWatch, None]:
    watch = SessionWatch(records.live_among, 0.01)
    running = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        await stop(running)


async def connection(session: str | None) -> Context:
    async def caller_of(token: str | None) -> Caller:
        return Caller(None) if token is None else Caller("ada", token)

    context = Context("request", UNKNOWN_CLIENT, Services(), caller_of)
    await context.authenticate(None if session is None else f"Bearer {session}")
    return context


async def test_a_session_with_many_connections_is_asked_for_once_and_ends_all_of_them() -> None:
    records = Records()
    async with watching(records) as watch:
        # given three connections of one session, and one of another
        first, other = await connection("first"), await connection("other")
        ending = [asyncio.create_task(watch.ended(first)) for _ in range(3)]
        staying = asyncio.create_task(watch.ended(other))
        await records.looks(2)
        assert records.questions[-1] == [first.caller, other.caller]
        # when the first session ends
        records.ended.add("first")
        # then all of its connections end, and no other
        await asyncio.wait_for(asyncio.gather(*ending), 5)
        await records.looks(2)
        assert records.questions[-1] == [other.caller]
        assert not staying.done()
        await stop(staying)


async def test_who_has_left_is_not_asked_for() -> None:
    records = Records()
    async with watching(records) as watch:
        context = await connection("first")
        leaving, staying = (asyncio.create_task(watch.ended(context)) for _ in range(2))
        await records.looks(1)
        await stop(leaving)
        await records.looks(1)
        assert records.questions[-1] == [context.caller]
        await stop(staying)
        asked = len(records.questions)
        await asyncio.sleep(0.05)
        assert len(records.questions) == asked


async def test_nobodys_connection_never_ends() -> None:
    records = Records()
    async with watching(records) as watch:
        anonymous, known = await connection(None), await connection("first")
        nobodys, somebodys = (asyncio.create_task(watch.ended(one)) for one in (anonymous, known))
        await records.looks(2)
        assert records.questions[-1] == [known.caller]
        assert not nobodys.done()
        await stop(nobodys, somebodys)


async def test_a_database_that_is_away_ends_no_session() -> None:
    records = Records()
    records.is_away = True
    async with watching(records) as watch:
        context = await connection("first")
        waiting = asyncio.create_task(watch.ended(context))
        await records.looks(2)
        assert not waiting.done()
        # when it is back, what has ended meanwhile is noticed
        records.ended.add("first")
        records.is_away = False
        await asyncio.wait_for(waiting, 5)


async def test_thousands_are_asked_for_in_pieces() -> None:
    records = Records()
    async with watching(records) as watch:
        contexts = [await connection(str(number)) for number in range(AT_ONCE + 1)]
        waiting = [asyncio.create_task(watch.ended(context)) for context in contexts]
        await records.looks(2)
        pieces = records.questions[:2]
        assert [len(piece) for piece in pieces] == [AT_ONCE, 1]
        assert {caller.session_id for piece in pieces for caller in piece} == {str(n) for n in range(AT_ONCE + 1)}
        await stop(*waiting)
