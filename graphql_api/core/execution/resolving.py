"""How a field gets its value: by the shortest way that strawberry's definition of it allows.

Without a resolver that is an attribute; with one that takes no arguments, the person's function itself; and in all
other cases the resolver that strawberry made for graphql-core, which converts arguments and handles exceptions.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLResolveInfoHelpers,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)
from graphql.execution import default_field_resolver
from graphql.execution.values import get_argument_values
from strawberry import relay
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graphql_api.core.execution.run import Position, Run
from graphql_api.core.remembering import REMEMBERED
from graphql_api.core.shown import Shown

DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF

# The resolver that `relay.Node` has for ids.
ID_OF_NODES = "Node._id"

Read = Callable[[Any], Any]
Resolve = Callable[[Run, Any, Position], Any]
InfoOf = Callable[[Run, Position], GraphQLResolveInfo[Any]]


@dataclass(frozen=True)
class Site:
    """The operation that fields stand in; `info_class` is what strawberry's resolvers get."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode
    helpers: GraphQLResolveInfoHelpers
    info_class: type


@dataclass(frozen=True)
class FieldSite:
    """One field of the answer: its definition, and the nodes of the document that ask for it."""

    site: Site
    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: list[FieldNode]

    @property
    def label(self) -> str:
        return f"{self.parent.name}.{self.nodes[0].name.value}"

    @property
    def asks_typename(self) -> bool:
        return self.nodes[0].name.value == "__typename"

    def info_of(self) -> InfoOf:
        """Makes what graphql-core gives to resolvers; the variables, as strawberry does, as a plain mapping."""
        site, parent, nodes = self.site, self.parent, self.nodes
        name, type_ = nodes[0].name.value, self.definition.type

        def info_of(run: Run, position: Position) -> GraphQLResolveInfo[Any]:
            return GraphQLResolveInfo(
                name,
                nodes,
                type_,
                parent,
                cast(Any, position),
                site.schema,
                site.fragments,
                run.root,
                site.operation,
                cast(Any, run.variables.coerced),
                run.context,
                cast(Any, optimized_is_awaitable),
                None,
                site.helpers,
            )

        return info_of


@dataclass(frozen=True)
class Reading:
    """A value that lies in an attribute of the object, and what is made of it."""

    attribute: str
    made: Callable[[Any], Any] | None = None

    def read(self) -> Read:
        get, made = attrgetter(self.attribute), self.made
        return get if made is None else lambda source: made(get(source))


def defined_by(definition: GraphQLField) -> StrawberryField | None:
    """What strawberry has made this of; None for fields of introspection."""
    found = definition.extensions.get(DEFINITION)
    return found if isinstance(found, StrawberryField) else None


def reading(field: FieldSite) -> Reading | None:
    """How the field is read from its object, when nothing but the object is needed for that."""
    defined = defined_by(field.definition)
    if field.asks_typename:
        name = field.parent.name
        return Reading("__class__", lambda kind: name)
    if defined is None:
        return None
    if defined.is_basic_field:
        return Reading(_place(_origin(field), defined.python_name))
    return _id_reading(field, defined)


def may_be_remembered(field: FieldSite) -> bool:
    """Whether what its resolver gives may be told again, as far as the field is concerned.

    Either it says so, or it is a plain function without `info`, which knows nothing but the object and its arguments.
    """
    defined = defined_by(field.definition)
    if defined is None or (base := defined.base_resolver) is None:
        return False
    if REMEMBERED in defined.metadata:
        return True
    knows_more = base.info_parameter or base.root_parameter or base.parent_parameter
    return not (knows_more or base.is_async or defined.extensions)


def _origin(field: FieldSite) -> type | None:
    """The class of the objects that the field belongs to."""
    kind = field.parent.extensions.get(DEFINITION)
    return kind.origin if isinstance(kind, StrawberryObjectDefinition) else None


def _place(origin: type | None, name: str) -> str:
    """Where an attribute lies: in the object, or in the record that it shows."""
    return origin.PLACES.get(name, name) if origin is not None and issubclass(origin, Shown) else name


def resolver(field: FieldSite) -> Resolve:
    """Calls the field's resolver; what it returns may have to be awaited."""
    if field.parent is field.site.schema.subscription_type:
        # The event is the root of its run already.
        return lambda run, source, position: source
    return _plain(field) or _by_core(field)


def _id_reading(field: FieldSite, defined: StrawberryField) -> Reading | None:
    """What `relay.Node` does for the ids of types that leave it as it is."""
    origin, asked = _origin(field), getattr(defined.base_resolver, "wrapped_func", None)
    if origin is None or getattr(asked, "__qualname__", "") != ID_OF_NODES or not issubclass(origin, relay.Node):
        return None
    if not all(_is_inherited(origin, method) for method in ("resolve_id", "resolve_typename")):
        return None
    prefix = f"{field.parent.name}:"
    return Reading(_place(origin, origin.resolve_id_attr()), lambda id: b64encode(f"{prefix}{id}".encode()).decode())


def _is_inherited(origin: type[relay.Node], method: str) -> bool:
    return not any(method in vars(kind) for kind in origin.__mro__[: origin.__mro__.index(relay.Node)])


def _plain(field: FieldSite) -> Resolve | None:
    """Calls the function itself. Only a field of an abstract type can have handlers for its exceptions."""
    defined = defined_by(field.definition)
    if defined is None or defined.base_resolver is None:
        return None
    if defined.extensions or field.definition.args or is_abstract_type(get_named_type(field.definition.type)):
        return None
    base, info_of, info_class = defined.base_resolver, field.info_of(), field.site.info_class
    call = base.wrapped_func
    if isinstance(call, classmethod | staticmethod) or base.parent_parameter or base.root_parameter:
        return None
    takes_self, takes_info = base.self_parameter is not None, base.info_parameter
    if takes_info is None:
        return (lambda run, source, position: call(source)) if takes_self else (lambda run, source, position: call())
    name = takes_info.name

    def resolve(run: Run, source: Any, position: Position) -> Any:
        info = {name: info_class(_raw_info=info_of(run, position), _field=defined)}
        return call(source, **info) if takes_self else call(**info)

    return resolve


def _by_core(field: FieldSite) -> Resolve:
    resolve = field.definition.resolve or default_field_resolver
    info_of, arguments_of = field.info_of(), _arguments(field)

    def by_core(run: Run, source: Any, position: Position) -> Any:
        return resolve(source, info_of(run, position), **arguments_of(run))

    return by_core


def _arguments(field: FieldSite) -> Callable[[Run], Mapping[str, Any]]:
    """Arguments that are the same in each run are read once; those that are wrong are so in each run."""
    definition, node = field.definition, field.nodes[0]

    def read(run: Run) -> Mapping[str, Any]:
        return get_argument_values(definition, node, run.variables)

    if not definition.args:
        return lambda run: {}
    if _has_variables(node):
        return read
    try:
        constant = get_argument_values(definition, node)
    except GraphQLError:
        return read
    return (lambda run: constant) if _are_unchangeable(list(constant.values())) else read


def _are_unchangeable(values: Sequence[Any]) -> bool:
    return all(value is None or isinstance(value, str | int | float | bool | Enum) for value in values)


def _has_variables(node: FieldNode) -> bool:
    search = _VariableSearch()
    for argument in node.arguments or ():
        visit(argument, search)
    return search.found


class _VariableSearch(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, node: VariableNode, *rest: Any) -> None:
        self.found = True
