"""Rules that the whole contract with clients keeps, whatever area a part of it comes from."""

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_specified_scalar_type,
)

from bootstrap import schema as composed
from tests.architecture.sources import ROOT

PROBLEM = "Problem"


@pytest.fixture(scope="module")
def text() -> str:
    return composed.export()


@pytest.fixture(scope="module")
def schema(text: str) -> GraphQLSchema:
    return build_schema(text)


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    """All types but those of GraphQL itself."""
    for kind in schema.type_map.values():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            yield kind


def fields_of(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object and interface under the name "Type.field"."""
    for kind in own_types(schema):
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field


def inputs_of(schema: GraphQLSchema) -> Iterator[GraphQLInputObjectType]:
    return (kind for kind in own_types(schema) if isinstance(kind, GraphQLInputObjectType))


def problems_of(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    problem = schema.type_map[PROBLEM]
    assert isinstance(problem, GraphQLInterfaceType)
    return list(schema.get_possible_types(problem))


def mutations_of(schema: GraphQLSchema) -> dict[str, GraphQLField]:
    root = schema.type_map["Mutation"]
    assert isinstance(root, GraphQLObjectType)
    return dict(root.fields)


def test_the_schema_file_is_what_the_code_says(text: str) -> None:
    stored = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert stored == text, "schema.graphql is not up to date: run `make schema` and review what it changes"


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Everything that must have a description, with the one it has."""
    for kind in own_types(schema):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())
    for where, field in fields_of(schema):
        yield where, field.description
        yield from ((f"{where}({name})", argument.description) for name, argument in field.args.items())
    for kind in inputs_of(schema):
        yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())


def test_everything_has_a_description(schema: GraphQLSchema) -> None:
    assert [where for where, description in described(schema) if not (description or "").strip()] == []


def test_fields_and_arguments_are_in_camel_case_and_types_in_pascal_case(schema: GraphQLSchema) -> None:
    camel, pascal = re.compile(r"[a-z][a-zA-Z0-9]*"), re.compile(r"[A-Z][a-zA-Z0-9]*")
    members = [where for where, _ in described(schema) if "." in where and where[-1] != ")"]
    values = {f"{k.name}.{name}" for k in own_types(schema) if isinstance(k, GraphQLEnumType) for name in k.values}
    assert [where for where in members if where not in values and not camel.fullmatch(where.split(".")[1])] == []
    assert [kind.name for kind in own_types(schema) if not pascal.fullmatch(kind.name)] == []


def test_every_mutation_takes_one_input_named_after_it(schema: GraphQLSchema) -> None:
    for name, mutation in mutations_of(schema).items():
        assert list(mutation.args) == ["input"], name
        kind = mutation.args["input"].type
        assert is_non_null_type(kind), name
        assert get_named_type(kind).name == f"{_pascal(name)}Input"


def test_every_mutation_answers_with_its_success_or_a_typed_problem(schema: GraphQLSchema) -> None:
    problems = {kind.name for kind in problems_of(schema)}
    for name, mutation in mutations_of(schema).items():
        assert is_non_null_type(mutation.type), name
        result = get_named_type(mutation.type)
        assert isinstance(result, GraphQLUnionType), name
        assert result.name == f"{_pascal(name)}Result"
        members = {kind.name for kind in result.types}
        assert members - problems == {f"{_pascal(name)}Success"}, name
        assert members & problems, f"{name} cannot fail in a way that is told"


def test_every_result_union_belongs_to_a_mutation(schema: GraphQLSchema) -> None:
    unions = {kind.name for kind in own_types(schema) if isinstance(kind, GraphQLUnionType)}
    assert {name for name in unions if name.endswith("Result")} == {
        f"{_pascal(name)}Result" for name in mutations_of(schema)
    }


def test_every_problem_tells_its_code_and_a_message(schema: GraphQLSchema) -> None:
    for problem in problems_of(schema):
        assert str(problem.fields["code"].type) == "ProblemCode!", problem.name
        assert str(problem.fields["message"].type) == "String!", problem.name


def test_every_problem_code_is_the_name_of_a_problem(schema: GraphQLSchema) -> None:
    codes = schema.type_map["ProblemCode"]
    assert isinstance(codes, GraphQLEnumType)
    assert set(codes.values) == {_snake(problem.name) for problem in problems_of(schema)}


def test_every_connection_is_paged_forward_with_cursors(schema: GraphQLSchema) -> None:
    connections = [kind for kind in own_types(schema) if kind.name.endswith("Connection")]
    assert connections
    for kind in connections:
        assert isinstance(kind, GraphQLObjectType)
        assert str(kind.fields["pageInfo"].type) == "PageInfo!", kind.name
        edges = kind.fields["edges"].type
        assert str(edges) == f"[{get_named_type(edges).name}!]!"
        edge = get_named_type(edges)
        assert isinstance(edge, GraphQLObjectType)
        assert str(edge.fields["cursor"].type) == "String!", edge.name
        assert is_non_null_type(edge.fields["node"].type), edge.name


def test_every_field_that_gives_a_connection_takes_first_and_after(schema: GraphQLSchema) -> None:
    for where, field in fields_of(schema):
        if get_named_type(field.type).name.endswith("Connection"):
            arguments = {name: str(argument.type) for name, argument in field.args.items()}
            assert arguments.items() >= {"first": "Int!", "after": "String"}.items(), where
            assert not is_required_argument(field.args["first"]), where


def test_lists_hold_no_holes_except_where_things_may_be_missing(schema: GraphQLSchema) -> None:
    holey = {where for where, field in fields_of(schema) if _has_holes(field)}
    assert holey == {"Query.nodes"}


def test_every_node_has_an_id(schema: GraphQLSchema) -> None:
    node = schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    nodes = schema.get_possible_types(node)
    assert nodes
    assert [kind.name for kind in nodes if str(kind.fields["id"].type) != "ID!"] == []


def _has_holes(field: GraphQLField) -> bool:
    kind = field.type
    while is_non_null_type(kind):
        kind = kind.of_type
    return is_list_type(kind) and not is_non_null_type(kind.of_type)


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
