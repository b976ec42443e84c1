"""Whatever may be asked of a schema, our engine and graphql-core answer alike."""

from typing import Any

from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graphql.execution.both import CORE, by_core, program, told

ARGUMENTS = {"echo": '(text: "x")', "node": '(id: "QnJhbmNoOng=")'}
DEPTH = 3


@st.composite
def selections(draw: Any, kind: Any, depth: int = 0) -> str:
    """The selections of an object, an interface or a union, in braces."""
    chosen = []
    if is_abstract_type(kind):
        for member in draw(st.lists(st.sampled_from(CORE.get_possible_types(kind)), max_size=2)):
            chosen.append(f"... on {member.name} {draw(selections(member, depth + 1))}")
    if is_object_type(kind):
        names = [
            name for name, field in kind.fields.items() if depth < DEPTH or is_leaf_type(get_named_type(field.type))
        ]
        chosen += [draw(selection(kind, name, depth)) for name in draw(st.lists(st.sampled_from(names), max_size=4))]
    return f"{{ {' '.join([*chosen, '__typename'])} }}"


@st.composite
def selection(draw: Any, kind: GraphQLObjectType, name: str, depth: int) -> str:
    """A field; what differs goes by different names, so that documents are valid."""
    target = get_named_type(kind.fields[name].type)
    below = "" if is_leaf_type(target) else draw(selections(target, depth + 1))
    condition = draw(st.sampled_from(["", "", "", " @skip(if: true)", " @include(if: false)", " @include(if: true)"]))
    alias = draw(st.sampled_from(["", f"again{depth}{kind.name}{name}: "]))
    return f"{alias}{name}{ARGUMENTS.get(name, '')}{condition} {below}"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(selections(CORE.query_type))
async def test_answers_as_graphql_core_does(text: str) -> None:
    found = await program(text).execute({}, "ctx")

    expected = await by_core(text, {}, "ctx")
    data, errors = told(found)
    expected_data, expected_errors = told(expected)
    assert str(data) == str(expected_data)
    assert bool(errors) == bool(expected_errors)
