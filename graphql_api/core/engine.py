"""Executing operations of valid documents, within a deadline. Knows no transport, no limits and no words for errors."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import Executor, create_source_event_stream, map_source_to_response_event
from strawberry.execution import optimized_is_awaitable

from graphql_api.core.documents import MAX_ERRORS, Operation
from graphql_api.core.refusals import DocumentInvalid, ExecutionTimeout

Variables = Mapping[str, Any]


class Engine:
    """`seconds` is the deadline of operations that have one answer."""

    def __init__(self, schema: strawberry.Schema, seconds: float) -> None:
        self._schema = schema
        self._seconds = seconds
        self._abandoned: set[asyncio.Task[ExecutionResult]] = set()

    async def execute(self, operation: Operation, variables: Variables, context: object) -> ExecutionResult:
        """Raises `DocumentInvalid` for variables that do not fit, and `ExecutionTimeout`."""
        executor = self._executor(operation, variables, context)
        running = executor.execute_operation(operation.type is OperationType.MUTATION)
        if not inspect.isawaitable(running):
            return cast(ExecutionResult, running)
        if operation.type is OperationType.MUTATION:
            return await self._mutate(cast("Any", running))
        try:
            async with asyncio.timeout(self._seconds):
                return cast(ExecutionResult, await running)
        except TimeoutError as error:
            raise ExecutionTimeout(self._seconds) from error

    async def stream(
        self, operation: Operation, variables: Variables, context: object
    ) -> AsyncGenerator[ExecutionResult, None]:
        """One result for each event; or a single one, with errors, when the source of events cannot be had.

        Raises `DocumentInvalid` for variables that do not fit.
        """
        executor = self._executor(operation, variables, context)
        source = create_source_event_stream(executor)
        found = await source if inspect.isawaitable(source) else source
        if isinstance(found, ExecutionResult):
            yield found
            return
        results = map_source_to_response_event(executor, found)
        try:
            async for result in results:
                yield result
        except GraphQLError as error:
            yield ExecutionResult(None, [error])
        except Exception as error:
            yield ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        finally:
            await results.aclose()

    async def _mutate(self, running: Any) -> ExecutionResult:
        """A mutation is never cut off in the middle of a change: after the deadline it goes on by itself."""
        task: asyncio.Task[ExecutionResult] = asyncio.ensure_future(running)
        self._abandoned.add(task)
        task.add_done_callback(self._abandoned.discard)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise ExecutionTimeout(self._seconds) from error

    def _executor(self, operation: Operation, variables: Variables, context: object) -> Executor[Any]:
        built = self._schema.execution_context_class.build(
            self._schema._schema,
            operation.document,
            None,
            context,
            dict(variables),
            operation.name,
            max_coercion_errors=MAX_ERRORS,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        if isinstance(built, list):
            raise DocumentInvalid(built)
        return built
