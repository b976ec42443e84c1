"""Server-sent events, seen from the server: what is said when something of ours breaks in the middle."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

from domain.kit.caller import ANONYMOUS, Caller, Client
from domain.kit.registry import Services
from graphql_api.core.context import Context
from graphql_api.core.front import Front
from graphql_api.core.policy import SocketLimits
from graphql_api.core.transport.event_stream import EventStream
from graphql_api.core.transport.sessions import SessionWatch


async def test_a_bug_in_the_middle_is_told_and_ends_the_stream() -> None:
    # given a stream whose second answer breaks, and a client that stays
    sent: list[bytes] = []

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    async def stay() -> Any:
        await asyncio.Event().wait()

    async def answers() -> AsyncGenerator[bytes, None]:
        yield b'{"data":{}}'
        raise KeyError("secret")

    async def nobody(token: str | None) -> Any:
        return ANONYMOUS

    async def live_among(callers: Sequence[Caller]) -> Sequence[Caller]:
        return callers

    context = Context("request-1", Client("127.0.0.1", ""), Services(), nobody)

    # when it is served
    await EventStream(stay, send, cast(Front, None), context, SocketLimits(), SessionWatch(live_among, 15)).serve(
        answers()
    )

    # then the client has the first answer, learns that something went wrong, and that this was all
    told = b"".join(sent).decode()
    assert told.count("event: next") == 2
    assert '"code":"INTERNAL","requestId":"request-1"' in told
    assert "secret" not in told
    assert told.endswith("event: complete\ndata:\n\n")
