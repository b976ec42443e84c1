"""One run of a plan: where the answer is written, what went wrong in it, and what it still waits for."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from graphql import ExecutionResult, FieldNode, GraphQLError, located_error
from graphql.execution.values import VariableValues

# What a resolver returned to be awaited, and the work of awaiting it and completing what comes of it.
Waiting = list[tuple[Awaitable[Any], Coroutine[Any, Any, None]]]


class Position:
    """A response position: a key of an object, or an index of a list, that a value is written to.

    Knows enough of graphql-core's `Path` to stand in for it. `prev` is the position of what it lies in, None in the
    root; `typename` is the object type whose field led here.
    """

    __slots__ = ("container", "is_nulled", "key", "nullable", "prev", "typename")

    def __init__(
        self, container: Any, key: str | int, prev: "Position | None", nullable: bool, typename: str | None = None
    ) -> None:
        self.container = container
        self.key = key
        self.prev = prev
        self.nullable = nullable
        self.typename = typename
        self.is_nulled = False

    def as_list(self) -> list[str | int]:
        """The keys from the root to here."""
        path: list[str | int] = []
        at: Position | None = self
        while at is not None:
            path.append(at.key)
            at = at.prev
        return path[::-1]


class Run:
    """What plans share while one operation, or one event of a subscription, is executed.

    `data` is what plans write to; `is_null` says that an error has reached the root, and that there is no data.
    """

    __slots__ = ("context", "data", "errors", "is_null", "root", "variables", "waiting")

    def __init__(self, context: Any, variables: VariableValues, root: Any = None) -> None:
        self.context = context
        self.variables = variables
        self.root = root
        self.data: dict[str, Any] = {}
        self.is_null = False
        self.errors: list[GraphQLError] = []
        self.waiting: Waiting = []

    def fail(self, error: Exception, nodes: Sequence[FieldNode], position: Position) -> None:
        """Makes the nearest position that may be null so; an error under one that is null already is not told."""
        if self._is_lost(position):
            return
        self.errors.append(located_error(error, nodes, position.as_list()))
        at: Position | None = position
        while at is not None and not at.nullable:
            at = at.prev
        if at is None:
            self.is_null = True
        else:
            at.container[at.key] = None
            at.is_nulled = True

    def result(self) -> ExecutionResult:
        return ExecutionResult(None if self.is_null else self.data, self.errors or None)

    def wait_for(self, value: Awaitable[Any], work: Coroutine[Any, Any, None]) -> None:
        self.waiting.append((value, work))

    def left_by(self, step: Callable[..., None], *given: Any) -> Waiting:
        """Takes a step of the plan, and returns what it began to wait for."""
        before, self.waiting = self.waiting, []
        try:
            step(self, *given)
            return self.waiting
        finally:
            self.waiting = before

    def _is_lost(self, position: Position) -> bool:
        at: Position | None = position
        while at is not None and not at.is_nulled:
            at = at.prev
        return self.is_null or at is not None


async def settle(waiting: Waiting) -> None:
    """Waits for all of it, at the same time."""
    if len(waiting) == 1:
        await waiting[0][1]
    elif waiting:
        try:
            await asyncio.gather(*(work for _, work in waiting))
        except asyncio.CancelledError:
            for value, _ in waiting:
                _drop(value)
            raise


def _drop(value: Awaitable[Any]) -> None:
    """What was cancelled before it began would be reported as forgotten."""
    if inspect.iscoroutine(value) and inspect.getcoroutinestate(value) == inspect.CORO_CREATED:
        value.close()
