"""Executing operations of valid documents, within a deadline. Knows no transport, no limits and no words for errors."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import strawberry
from graphql import ExecutionResult, OperationType

from graphql_api.core.documents.reading import Operation
from graphql_api.core.execution.program import Program
from graphql_api.core.refusals import ExecutionTimeout

Variables = Mapping[str, Any]


class Engine:
    """`seconds` is the deadline of operations that have one answer. Programs live as long as their documents."""

    def __init__(self, schema: strawberry.Schema, seconds: float) -> None:
        self._schema = schema
        self._seconds = seconds
        self._programs: WeakKeyDictionary[Operation, Program] = WeakKeyDictionary()
        self._abandoned: set[asyncio.Task[ExecutionResult]] = set()

    async def execute(self, operation: Operation, variables: Variables, context: object) -> ExecutionResult:
        """Raises `DocumentInvalid` for variables that do not fit, and `ExecutionTimeout`."""
        running = self._program(operation).execute(variables, context)
        try:
            async with asyncio.timeout(self._seconds):
                if operation.type is OperationType.MUTATION:
                    return await self._shielded(asyncio.ensure_future(running))
                return await running
        except TimeoutError as error:
            raise ExecutionTimeout(self._seconds) from error

    def may_be_remembered(self, operation: Operation) -> bool:
        """Whether it is worth a look for an answer that was given before."""
        return self._program(operation).may_be_remembered

    def is_remembered(self, operation: Operation, variables: Variables) -> bool:
        """Whether the answer that was made may be given again; see `graphql_api.core.remembering`."""
        return self._program(operation).is_remembered(variables)

    def topic(self, operation: Operation, variables: Variables) -> bytes | None:
        """The same for calls of a subscription whose answers are the same; None when they are not shared.

        Raises `DocumentInvalid` for variables that do not fit.
        """
        return self._program(operation).topic(variables)

    async def stream(
        self, operation: Operation, variables: Variables, context: object
    ) -> AsyncGenerator[ExecutionResult, None]:
        """One result for each event; or a single one, with errors, when the source of events cannot be had.

        To be closed. Raises `DocumentInvalid` for variables that do not fit.
        """
        events = await self._program(operation).events(variables, context)
        return _only(events) if isinstance(events, ExecutionResult) else events.answers()

    async def _shielded(self, task: asyncio.Task[ExecutionResult]) -> ExecutionResult:
        """A mutation is never cut off in the middle of a change: after the deadline it goes on by itself."""
        self._abandoned.add(task)
        task.add_done_callback(self._abandoned.discard)
        return await asyncio.shield(task)

    def _program(self, operation: Operation) -> Program:
        program = self._programs.get(operation)
        if program is None:
            program = self._programs[operation] = Program(self._schema, operation)
        return program


async def _only(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    yield result
