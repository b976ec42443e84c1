"""From the selections of an operation to functions that write its answer.

The algorithms are those of the GraphQL specification, section 6 (execution), taken apart: what depends on the document
alone is done here, once; what depends on a request is left to the functions. Objects of a type that is not abstract
are taken to be of that type, as mypy has checked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    Undefined,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import default_type_resolver
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable

from graphql_api.core.execution.leaf_fields import Leaf, Step, beginning, unexpected_null
from graphql_api.core.execution.leaves import Write, writer
from graphql_api.core.execution.resolving import FieldSite, Read, Resolve, Site, may_be_remembered, reading, resolver
from graphql_api.core.execution.run import Position, Run, settle

Complete = Callable[[Run, Any, Position], None]
Grouped = Mapping[str, Sequence[FieldDetails]]


@dataclass(frozen=True)
class Plan:
    """`is_remembered` says that all of its fields with resolvers may be remembered."""

    steps: Sequence[Step]
    is_remembered: bool


class Planner:
    """Plans for one combination of what the conditions of the operation say, which `variables` has."""

    def __init__(self, site: Site, variables: VariableValues) -> None:
        self._site = site
        self._variables = variables
        self._fragments = {name: FragmentDetails(node) for name, node in site.fragments.items()}
        self._is_remembered = True

    def root(self, kind: GraphQLObjectType) -> Plan:
        """One step for each field of the operation's root."""
        found = collect_fields(self._site.schema, self._fragments, self._variables, kind, self._site.operation)
        return Plan(self._steps(kind, found.grouped_field_set), self._is_remembered)

    def _steps(self, kind: GraphQLObjectType, grouped: Grouped) -> Sequence[Step]:
        fields = [self._field(kind, key, list(details)) for key, details in grouped.items()]
        return [found.step() if isinstance(found, Leaf) else found for found in fields]

    def _field(self, parent: GraphQLObjectType, key: str, details: list[FieldDetails]) -> Leaf | Step:
        nodes = [detail.node for detail in details]
        definition = self._site.schema.get_field(parent, nodes[0].name.value)
        if definition is None:
            raise LookupError(f"{parent.name} has no field {nodes[0].name.value}")
        field = FieldSite(self._site, parent, definition, nodes)
        kind, nullable = _unwrapped(definition.type)
        found = reading(field)
        if found is not None and is_leaf_type(kind):
            return Leaf(key, field, found, kind, nullable)
        complete = self._completion(definition.type, field, details)
        if found is not None:
            return reading_step(key, field, found.read(), complete, nullable)
        self._is_remembered &= may_be_remembered(field)
        return resolving_step(key, field, resolver(field), complete, nullable)

    def _object(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Complete:
        grouped = self._below(kind, details)
        return object_completion({key: self._field(kind, key, list(found)) for key, found in grouped.items()})

    def _completion(self, type_: GraphQLOutputType, field: FieldSite, details: list[FieldDetails]) -> Complete:
        kind, nullable = _unwrapped(type_)
        return guarded(field, self._completion_of_some(kind, field, details), nullable)

    def _completion_of_some(self, kind: Any, field: FieldSite, details: list[FieldDetails]) -> Complete:
        if is_leaf_type(kind):
            return leaf_completion(field, writer(kind, field.label))
        if is_list_type(kind):
            _, nullable = _unwrapped(kind.of_type)
            return list_completion(field, self._completion(kind.of_type, field, details), nullable)
        if is_object_type(kind):
            return self._object(kind, details)
        if is_abstract_type(kind):
            return self._abstract_completion(kind, field, details)
        raise TypeError(f"{kind} is no type of an answer")

    def _abstract_completion(self, kind: Any, field: FieldSite, details: list[FieldDetails]) -> Complete:
        """The steps of each type of object are planned when the first of it comes by."""
        self._is_remembered = False
        planned: dict[str, Complete] = {}
        resolve_type = kind.resolve_type or default_type_resolver
        info_of = field.info_of()

        def complete(run: Run, value: Any, position: Position) -> None:
            try:
                name: Any = resolve_type(value, info_of(run, position), kind)
                found = planned.get(name)
                if found is None:
                    found = planned[name] = self._member(kind, name, field, details)
            except Exception as error:
                run.fail(error, field.nodes, position)
                return
            found(run, value, position)

        return complete

    def _member(self, kind: Any, name: Any, field: FieldSite, details: list[FieldDetails]) -> Complete:
        """Raises `GraphQLError` for what is not the name of one of the object types behind an abstract one."""
        schema = self._site.schema
        found = schema.get_type(name) if isinstance(name, str) else None
        if not is_object_type(found) or not schema.is_sub_type(kind, found):
            raise GraphQLError(f"'{name}' is no object type of '{kind}' at '{field.label}'.")
        return self._object(found, details)

    def _below(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Grouped:
        site = self._site
        found = collect_subfields(site.schema, self._fragments, self._variables, site.operation, kind, details)
        return found.grouped_field_set


def reading_step(key: str, field: FieldSite, read: Read, complete: Complete, nullable: bool) -> Step:
    """An object or a list that lies in the object."""
    nodes, typename = field.nodes, field.parent.name

    def step(run: Run, source: Any, parent: Position | None, out: dict[str, Any]) -> None:
        out[key] = None
        position = Position(out, key, parent, nullable, typename)
        try:
            value = read(source)
        except Exception as error:
            run.fail(error, nodes, position)
            return
        complete(run, value, position)

    return step


def resolving_step(key: str, field: FieldSite, resolve: Resolve, complete: Complete, nullable: bool) -> Step:
    """A field with a resolver. Its place is taken at once, so that answers keep the order of the document."""
    nodes, typename = field.nodes, field.parent.name

    def step(run: Run, source: Any, parent: Position | None, out: dict[str, Any]) -> None:
        out[key] = None
        position = Position(out, key, parent, nullable, typename)
        try:
            value = resolve(run, source, position)
        except Exception as error:
            run.fail(error, nodes, position)
            return
        if optimized_is_awaitable(value):
            run.wait_for(value, _awaited(run, value, position, complete, nodes))
        else:
            complete(run, value, position)

    return step


def guarded(field: FieldSite, complete: Complete, nullable: bool) -> Complete:
    """Leaves out what is null, and fails for what may not be, and for exceptions that are returned."""

    def guard(run: Run, value: Any, position: Position) -> None:
        if value is None or value is Undefined:
            if not nullable:
                run.fail(unexpected_null(field), field.nodes, position)
        elif isinstance(value, Exception):
            run.fail(value, field.nodes, position)
        else:
            complete(run, value, position)

    return guard


def leaf_completion(field: FieldSite, write: Write) -> Complete:
    def complete(run: Run, value: Any, position: Position) -> None:
        try:
            position.container[position.key] = write(value)
        except Exception as error:
            run.fail(error, field.nodes, position)

    return complete


def object_completion(fields: Mapping[str, Leaf | Step]) -> Complete:
    """The keys are there from the beginning, so that answers keep the order of the document."""
    leaves = {key: field for key, field in fields.items() if isinstance(field, Leaf)}
    others = [field for field in fields.values() if not isinstance(field, Leaf)]
    one_by_one = [leaf.step() for leaf in leaves.values()]
    begin = beginning(list(fields), leaves)

    def complete(run: Run, value: Any, position: Position) -> None:
        try:
            out = begin(value)
            position.container[position.key] = out
        except Exception:
            out = dict.fromkeys(fields)
            position.container[position.key] = out
            for step in one_by_one:
                step(run, value, position, out)
        for step in others:
            step(run, value, position, out)

    return complete


def list_completion(field: FieldSite, complete_item: Complete, nullable: bool) -> Complete:
    """Of lists, tuples and other collections whose length is known."""
    nodes = field.nodes

    def complete(run: Run, value: Any, position: Position) -> None:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            run.fail(GraphQLError(f"Expected Iterable at '{field.label}'."), nodes, position)
            return
        items = list(value)
        out: list[Any] = [None] * len(items)
        position.container[position.key] = out
        for index, item in enumerate(items):
            place = Position(out, index, position, nullable)
            if optimized_is_awaitable(item):
                run.wait_for(item, _awaited(run, item, place, complete_item, nodes))
            else:
                complete_item(run, item, place)

    return complete


async def _awaited(run: Run, value: Any, position: Position, complete: Complete, nodes: Sequence[FieldNode]) -> None:
    try:
        found = await value
    except Exception as error:
        run.fail(error, nodes, position)
        return
    await settle(run.left_by(complete, found, position))


def _unwrapped(type_: GraphQLOutputType) -> tuple[Any, bool]:
    """The type without its mark of being non-null, and whether it may be null."""
    return (type_.of_type, False) if is_non_null_type(type_) else (type_, True)
