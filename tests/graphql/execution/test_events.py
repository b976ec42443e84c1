"""Subscriptions: one answer for each event of the source, and an end for every way it can end."""

from contextlib import aclosing
from typing import Any

import pytest
from graphql import ExecutionResult

from graphql_api.core.execution.engine import Engine
from graphql_api.core.refusals import DocumentInvalid
from tests.graphql.execution.both import operation
from tests.graphql.execution.zoo import SCHEMA


async def answers(text: str, variables: dict[str, Any] | None = None) -> list[ExecutionResult]:
    engine = Engine(SCHEMA, seconds=5)
    async with aclosing(await engine.stream(operation(text), variables or {}, "ctx")) as results:
        return [result async for result in results]


async def test_each_event_is_answered() -> None:
    found = await answers("subscription { branches(count: 2) { id later { name } } }")

    assert [one.errors for one in found] == [None, None]
    assert [one.data["branches"]["later"] for one in found if one.data] == [{"name": "ctx-later"}] * 2


async def test_an_event_that_fails_does_not_end_the_others() -> None:
    found = await answers("subscription { branches(count: 2) { first { mustBe } } }")

    assert [one.data for one in found] == [None, None]
    assert [len(one.errors or ()) for one in found] == [1, 1]


async def test_an_error_of_the_source_is_the_last_answer() -> None:
    found = await answers("subscription { branches(count: 1, thenFail: true) { name } }")

    assert [one.data for one in found] == [{"branches": {"name": "b0"}}, None]
    assert [error.message for error in found[1].errors or ()] == ["source"]


async def test_a_source_that_never_begins_is_an_answer_with_errors() -> None:
    (found,) = await answers("subscription { refused }")

    assert found.data is None
    assert [error.message for error in found.errors or ()] == ["refused"]


async def test_variables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DocumentInvalid):
        await answers("subscription ($n: Int!) { branches(count: $n) { name } }", {"n": "many"})
