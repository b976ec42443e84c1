"""Whose documents are read when: one at a time for each caller, with a pause behind a refused one."""

import asyncio

import pytest

from graphql_api.core.documents.turns import Turns
from graphql_api.core.refusals import DocumentTooComplex, TooManyDocuments

ENDLESS_SECONDS = 3600.0


async def refused(turns: Turns, payer: str) -> None:
    async with turns.take(payer):
        raise DocumentTooComplex("nodes", 1, 2)


async def test_whoever_sent_a_refused_document_waits_and_nobody_else_does() -> None:
    turns = Turns(ENDLESS_SECONDS, waiting=5)
    first = asyncio.create_task(refused(turns, "mallory"))
    second = asyncio.create_task(refused(turns, "mallory"))
    async with asyncio.timeout(5), turns.take("ada"):
        assert not first.done()
        assert not second.done()
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    # and what was cancelled holds no place
    async with asyncio.timeout(5), turns.take("mallory"):
        pass


async def test_a_refused_document_is_told_as_what_it_is() -> None:
    with pytest.raises(DocumentTooComplex):
        await refused(Turns(0.0, waiting=5), "mallory")


async def test_only_so_many_documents_wait() -> None:
    turns = Turns(ENDLESS_SECONDS, waiting=1)
    tasks = [asyncio.create_task(refused(turns, "mallory")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyDocuments):
        await refused(turns, "mallory")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
