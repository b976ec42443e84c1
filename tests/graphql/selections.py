"""Selection sets that ask for everything a type has to show, written from the schema."""

from collections.abc import Collection, Iterable

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

ANY_THING = "Node"


class Selections:
    """No type stands twice on one way down, and a nested `Node` shows its id only, so that every set has an end."""

    def __init__(self, schema: GraphQLSchema, without: Collection[str] = ()) -> None:
        """`without` names fields to leave out, as "Type.field"."""
        self._schema = schema
        self._without = without

    def of(self, field: GraphQLField) -> str:
        """What to write behind a field: nothing for a scalar. Fields that need an argument are left out."""
        kind = get_named_type(field.type)
        return self._set(kind, frozenset({kind.name}), is_outermost=True)

    def _set(self, kind: GraphQLNamedType, inside: frozenset[str], *, is_outermost: bool = False) -> str:
        if is_leaf_type(kind):
            return ""
        if isinstance(kind, GraphQLObjectType):
            return f"{{__typename {self._fields(kind, inside, frozenset())}}}"
        if kind.name == ANY_THING and not is_outermost:
            return "{__typename id}"
        assert isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
        members = [member for member in self._schema.get_possible_types(kind) if member.name not in inside]
        clashes = _clashes(members)
        parts = (
            f"... on {member.name}{{{self._fields(member, inside | {member.name}, clashes)}}}" for member in members
        )
        return f"{{__typename {' '.join(parts)}}}"

    def _fields(self, kind: GraphQLObjectType, inside: frozenset[str], clashes: frozenset[str]) -> str:
        written = []
        for name, field in kind.fields.items():
            shown = get_named_type(field.type)
            if shown.name in inside or f"{kind.name}.{name}" in self._without or needs_arguments(field):
                continue
            answer_name = f"{kind.name}_{name}:{name}" if name in clashes else name
            written.append(answer_name + self._set(shown, inside | {shown.name}))
        return " ".join(written)


def field_of(kind_name: str, answer_name: str) -> str:
    """The field that an answer shows under this name; see `_clashes`."""
    return answer_name.removeprefix(f"{kind_name}_")


def call(name: str, arguments: Iterable[str], selection: str) -> str:
    """A field with all of these arguments as variables of the same names."""
    given = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    return f"{name}({given}) {selection}" if given else f"{name} {selection}"


def declared(arguments: dict[str, GraphQLArgument]) -> str:
    """The variables that `call` uses."""
    return ", ".join(f"${name}: {argument.type}" for name, argument in arguments.items())


def needs_arguments(field: GraphQLField) -> bool:
    return any(map(is_required_argument, field.args.values()))


def _clashes(members: Iterable[GraphQLObjectType]) -> frozenset[str]:
    """Fields of one name and several types, which must not stand in one answer under that name."""
    types: dict[str, set[str]] = {}
    for member in members:
        for name, field in member.fields.items():
            types.setdefault(name, set()).add(str(field.type))
    return frozenset(name for name, found in types.items() if len(found) > 1)
