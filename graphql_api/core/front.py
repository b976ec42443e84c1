"""What all transports share: from a request and its context to answers, through limits, budget and execution."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

import orjson
import structlog
from graphql import ExecutionResult, OperationType
from prometheus_client import Counter

from domain.kit.rate_limit import Bucket, Charge, CostBuckets
from graphql_api.core.context import Context
from graphql_api.core.documents.operations import OperationRequest, OperationSource
from graphql_api.core.documents.reading import Operation
from graphql_api.core.execution.broadcasts import Broadcasts, Listener
from graphql_api.core.execution.engine import Engine
from graphql_api.core.policy import EdgePolicy
from graphql_api.core.presentation import ErrorPresenter
from graphql_api.core.refusals import DocumentTooComplex, IntrospectionDisabled, RateLimited, Refusal
from graphql_api.core.remembering import RememberedAnswers, Shelf

log = structlog.get_logger()

REFUSED = Counter("cadenza_graphql_refused_total", "GraphQL requests that were not executed.", ["code"])
CHARGED = Counter("cadenza_graphql_cost_total", "Points charged for executed GraphQL operations.", ["payer"])

Answer = dict[str, Any]


class UsageLog(Protocol):
    """The port to whoever keeps what organisations use."""

    def note(self, organisation_id: str, digest: str, name: str | None, cost: int, *, failed: bool) -> None:
        """One call of one registered operation."""
        ...


@dataclass(frozen=True)
class Admitted:
    """An operation that may be executed, and what its caller has paid for it."""

    operation: Operation
    digest: str
    variables: Mapping[str, Any]
    points: int
    cost: Mapping[str, Any]

    @property
    def is_subscription(self) -> bool:
        return self.operation.type is OperationType.SUBSCRIPTION


class Front:
    """One per running application."""

    def __init__(
        self,
        source: OperationSource,
        engine: Engine,
        buckets: CostBuckets,
        usage: UsageLog,
        presenter: ErrorPresenter,
        policy: EdgePolicy,
        remembered: RememberedAnswers,
    ) -> None:
        self._source = source
        self._engine = engine
        self._buckets = buckets
        self._usage = usage
        self._presenter = presenter
        self._policy = policy
        self._remembered = remembered
        self._broadcasts = Broadcasts()

    async def admit(self, request: OperationRequest, context: Context) -> Admitted:
        """Finds the operation and charges for it; raises a `Refusal`. Refused documents cost something, too."""
        try:
            document = await self._source.find(request, context)
            operation = document.operation(request.operation_name)
            self._check(operation, context)
            points = operation.cost.points(request.variables)
            if points > self._policy.documents.cost:
                raise DocumentTooComplex("cost", self._policy.documents.cost, points)
        except Refusal:
            await self._charge(context, self._policy.refused_cost)
            raise
        cost = await self._charge(context, points)
        CHARGED.labels(_kind(context)).inc(points)
        return Admitted(operation, document.digest, request.variables, points, cost)

    async def charge(self, context: Context, points: int) -> None:
        """For edges beside GraphQL, which live on the same budgets; raises `RateLimited`."""
        await self._charge(context, points)
        CHARGED.labels(_kind(context)).inc(points)

    async def charge_refusal(self, context: Context) -> None:
        """For what is refused there, as wrong keys are; raises `RateLimited`."""
        await self._charge(context, self._policy.refused_cost)

    async def tell(self, key: Hashable, make: Callable[[], Awaitable[bytes]], context: Context) -> bytes:
        """For those edges: what was made for this key and caller before, if nothing of the caller's has changed.

        What is made promises what the fields promise that are `REMEMBERED`.
        """
        owner_id = context.caller.account_id
        shelf = None if owner_id is None else self._remembered.shelf(owner_id)
        if shelf is None:
            return await make()
        told = shelf.find((key, context.caller.audience))
        if told is None:
            told = await make()
            self._remembered.keep(shelf, (key, context.caller.audience), told)
        return told

    async def execute(self, admitted: Admitted, context: Context) -> Answer:
        """The answer of a query or mutation, its data written already where it is remembered; raises a `Refusal`."""
        failed = True
        try:
            if (shelf := self._shelf(admitted, context)) is None:
                answer = await self._make(admitted, context)
            else:
                answer = await self._remember(shelf, admitted, context)
            failed = "errors" in answer
        finally:
            self._note(admitted, context, failed=failed)
        return {**answer, "extensions": {"cost": admitted.cost}}

    def _shelf(self, admitted: Admitted, context: Context) -> Shelf | None:
        """Where answers to this lie; None for what is made anew each time."""
        if not self._engine.may_be_remembered(admitted.operation) or context.is_refused:
            return None
        owner_id = context.caller.account_id
        return None if owner_id is None else self._remembered.shelf(owner_id)

    async def _remember(self, shelf: Shelf, admitted: Admitted, context: Context) -> Answer:
        """As it was given before, if nothing has changed since; made otherwise."""
        operation, variables = admitted.operation, admitted.variables
        key = (operation, orjson.dumps(variables, option=orjson.OPT_SORT_KEYS), context.caller.audience)
        data = shelf.find(key)
        if data is None:
            answer = await self._make(admitted, context)
            if "errors" in answer or not self._engine.is_remembered(operation, variables):
                return answer
            data = orjson.dumps(answer["data"])
            self._remembered.keep(shelf, key, data)
        return {"data": orjson.Fragment(data)}

    async def _make(self, admitted: Admitted, context: Context) -> Answer:
        return self._answer(await self._engine.execute(admitted.operation, admitted.variables, context), context)

    def stream(self, admitted: Admitted, context: Context) -> AsyncGenerator[bytes, None] | Listener:
        """The answers of any operation as JSON, one by one; to be closed. Raises a `Refusal`, also when it goes on.

        What is the same for all sessions of a caller is executed once for all of them, with the first one's context.
        """
        if not admitted.is_subscription:
            return self._single(admitted, context)
        self._note(admitted, context, failed=False)
        topic = None if context.is_refused else self._engine.topic(admitted.operation, admitted.variables)
        if topic is None:
            return self._answers(admitted, context)
        key = (admitted.operation, topic, context.caller.audience)
        return self._broadcasts.join(key, lambda: self._answers(admitted, context))

    async def _single(self, admitted: Admitted, context: Context) -> AsyncGenerator[bytes, None]:
        yield written(await self.execute(admitted, context))

    async def _answers(self, admitted: Admitted, context: Context) -> AsyncGenerator[bytes, None]:
        async with aclosing(await self._engine.stream(admitted.operation, admitted.variables, context)) as results:
            async for result in results:
                yield written(self._answer(result, context))

    def refused(self, refusal: Refusal, context_id: str) -> Answer:
        """The answer to a request that is not executed: errors, and no data."""
        REFUSED.labels(refusal.code).inc()
        return {"errors": refusal.errors(context_id)}

    def _answer(self, result: ExecutionResult, context: Context) -> Answer:
        if not result.errors:
            return {"data": result.data}
        return {"errors": self._presenter.present(result.errors, context.request_id), "data": result.data}

    def _check(self, operation: Operation, context: Context) -> None:
        if operation.introspects and context.is_anonymous and not self._policy.open_to_the_curious:
            raise IntrospectionDisabled("The schema is not told here. Sign in, or read schema.graphql.")

    async def _charge(self, context: Context, points: int) -> Mapping[str, Any]:
        bucket = self._bucket(context)
        charge = await self._buckets.charge(context.payer, points, bucket)
        cost = _told(charge, points, bucket)
        if not charge.accepted:
            raise RateLimited(max(1, ceil(charge.retry_after_seconds)), cost)
        return cost

    def _bucket(self, context: Context) -> Bucket:
        if context.is_partner:
            return context.caller.budget or self._policy.partner_bucket
        return self._policy.address_bucket if context.is_anonymous else self._policy.account_bucket

    def _note(self, admitted: Admitted, context: Context, *, failed: bool) -> None:
        if context.is_partner:
            name = admitted.operation.name
            self._usage.note(context.caller.require_partner(), admitted.digest, name, admitted.points, failed=failed)


def written(answer: Answer) -> bytes:
    """As JSON."""
    return orjson.dumps(answer)


def _kind(context: Context) -> str:
    if context.is_partner:
        return "partner"
    return "address" if context.is_anonymous else "account"


def _told(charge: Charge, points: int, bucket: Bucket) -> Mapping[str, Any]:
    return {
        "requested": points,
        "remaining": charge.remaining,
        "limit": bucket.capacity,
        "restoreRate": bucket.restore_per_second,
    }
