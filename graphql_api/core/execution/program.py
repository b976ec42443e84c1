"""An operation made ready to be run again and again."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import orjson
import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    visit,
)
from graphql.execution import Executor, create_source_event_stream
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values

from graphql_api.core.documents.reading import MAX_ERRORS, Operation
from graphql_api.core.execution.planner import Plan, Planner
from graphql_api.core.execution.resolving import FieldSite, Site, defined_by
from graphql_api.core.execution.run import Run, settle
from graphql_api.core.refusals import DocumentInvalid
from graphql_api.core.remembering import REMEMBERED
from graphql_api.core.sharing import SHARED, Shared

CONDITIONS = ("skip", "include")
# A document with ten conditions has a thousand combinations; nobody uses more than a few of them.
KEPT_PLANS = 8


class Program:
    """One operation of a valid document. A plan is kept for each combination of what its conditions say."""

    def __init__(self, schema: strawberry.Schema, operation: Operation) -> None:
        self._schema = schema
        self._core = schema._schema
        self._operation = operation
        definitions = operation.document.definitions
        fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        idle = Executor.build(self._core, parse("{ __typename }"))
        if isinstance(idle, list):
            raise idle[0]
        self._site = Site(self._core, fragments, operation.node, idle.async_helpers, schema.config.info_class)
        self._deciding = _deciding_variables(operation.document)
        self._shared = self._sharing()
        # Most operations are not remembered, and are told so without looking at their variables.
        self.may_be_remembered = self._may_be_remembered()
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()

    def topic(self, given: Mapping[str, Any]) -> bytes | None:
        """Tells calls of a subscription that may share its answers from others; None for one that runs by itself.

        Raises `DocumentInvalid`.
        """
        if self._shared is None:
            return None
        field, shared = self._shared
        asked = get_argument_values(field.definition, field.nodes[0], self._variables(given))
        return None if asked.get(shared.unless) is not None else orjson.dumps(given, option=orjson.OPT_SORT_KEYS)

    def is_remembered(self, given: Mapping[str, Any]) -> bool:
        """Whether the answer may be given again until something of the caller's changes; raises `DocumentInvalid`."""
        return self._plan(self._variables(given)).is_remembered

    async def execute(self, given: Mapping[str, Any], context: Any) -> ExecutionResult:
        """The fields of the root at the same time, or one after the other for a mutation; raises `DocumentInvalid`."""
        run = Run(context, self._variables(given))
        if self._operation.type is OperationType.MUTATION:
            await self._execute_serially(run)
        else:
            await self._execute(run)
        return run.result()

    async def events(self, given: Mapping[str, Any], context: Any) -> "Events | ExecutionResult":
        """What a subscription tells; a result, with errors, when its source cannot be had. Raises `DocumentInvalid`."""
        variables = self._variables(given)
        executor = self._schema.execution_context_class.build(
            self._core, self._operation.document, None, context, dict(given), self._operation.name
        )
        if isinstance(executor, list):
            raise DocumentInvalid(executor)
        found = create_source_event_stream(executor)
        source = await found if isawaitable(found) else found
        return source if isinstance(source, ExecutionResult) else Events(self, source, variables, context)

    async def answer(self, event: Any, variables: VariableValues, context: Any) -> ExecutionResult:
        """To one event of a subscription."""
        run = Run(context, variables, event)
        await self._execute(run)
        return run.result()

    async def _execute(self, run: Run) -> None:
        for step in self._plan(run.variables).steps:
            step(run, run.root, None, run.data)
        await settle(run.waiting)

    async def _execute_serially(self, run: Run) -> None:
        for step in self._plan(run.variables).steps:
            await settle(run.left_by(step, None, None, run.data))
            if run.is_null:
                return

    def _variables(self, given: Mapping[str, Any]) -> VariableValues:
        definitions = self._operation.node.variable_definitions or ()
        found = get_variable_values(self._core, definitions, dict(given), max_errors=MAX_ERRORS)
        if isinstance(found, list):
            raise DocumentInvalid(found)
        return found

    def _sharing(self) -> tuple[FieldSite, Shared] | None:
        """How a subscription is shared; one whose root has conditions or fragments is not."""
        kind = self._core.subscription_type
        (node, *others) = self._operation.node.selection_set.selections
        if self._operation.type is not OperationType.SUBSCRIPTION or kind is None or others:
            return None
        if not isinstance(node, FieldNode) or node.directives or node.name.value not in kind.fields:
            return None
        definition = kind.fields[node.name.value]
        defined = defined_by(definition)
        shared = None if defined is None else defined.metadata.get(SHARED)
        return None if shared is None else (FieldSite(self._site, kind, definition, [node]), shared)

    def _may_be_remembered(self) -> bool:
        kind = self._core.query_type
        if self._operation.type is not OperationType.QUERY or kind is None:
            return False
        selections = self._operation.node.selection_set.selections
        asked = {node.name.value for node in selections if isinstance(node, FieldNode)}
        found = [defined_by(kind.fields[name]) for name in asked & kind.fields.keys()]
        return any(defined is not None and REMEMBERED in defined.metadata for defined in found)

    def _plan(self, variables: VariableValues) -> Plan:
        key = tuple(variables.coerced.get(name) for name in self._deciding)
        plan = self._plans.get(key)
        if plan is None:
            kind = self._core.get_root_type(self._operation.type)
            if kind is None:
                raise LookupError(f"the schema has no {self._operation.type.value}")
            plan = self._plans[key] = Planner(self._site, variables).root(kind)
            if len(self._plans) > KEPT_PLANS:
                self._plans.popitem(last=False)
        return plan


@dataclass(frozen=True)
class Events:
    """The source of one subscription's events, and how each is answered."""

    program: Program
    source: AsyncIterable[Any]
    variables: VariableValues
    context: Any

    async def answers(self) -> AsyncGenerator[ExecutionResult, None]:
        """One for each event. An error of the source is the last."""
        try:
            async for event in self.source:
                yield await self.program.answer(event, self.variables, self.context)
        except GraphQLError as error:
            yield ExecutionResult(None, [error])
        except Exception as error:
            yield ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        finally:
            await _close(self.source)


async def _close(source: Any) -> None:
    if isinstance(source, AsyncGenerator):
        await source.aclose()


def _deciding_variables(document: DocumentNode) -> Sequence[str]:
    """The variables that say whether something is skipped or included."""
    search = _ConditionSearch()
    visit(document, search)
    return sorted(search.found)


class _ConditionSearch(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *rest: Any) -> None:
        if node.name.value in CONDITIONS:
            given = [argument.value for argument in node.arguments or ()]
            self.found |= {value.name.value for value in given if isinstance(value, VariableNode)}
