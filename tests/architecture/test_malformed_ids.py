"""Every place of the schema that takes an id refuses what is none, before any service is asked.

The documents are made from the schema itself, so an area that comes later is held to it as well.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, cast

import orjson
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)
from strawberry.relay.utils import to_base64

from adapters.local_buckets import LocalBuckets
from bootstrap import schema as composed
from domain.kit.caller import Caller
from domain.kit.ids import new_id
from graphql_api.core.documents.operations import OperationRequest, TextSource
from graphql_api.core.documents.prices import PriceList
from graphql_api.core.documents.reading import Documents
from graphql_api.core.documents.turns import Turns
from graphql_api.core.execution.engine import Engine
from graphql_api.core.front import Front
from graphql_api.core.policy import EdgePolicy
from graphql_api.core.presentation import ErrorPresenter
from graphql_api.core.remembering import RememberedAnswers

MALFORMED = {
    "empty": "",
    "no base 64": "junk",
    "a bare id": new_id(),
    "no type": to_base64("", new_id()),
    "an unknown type": to_base64("Nonsense", new_id()),
    "a type without ids": to_base64("PageInfo", new_id()),
    "no ULID": to_base64("Track", "1"),
    "too long": "x" * 5000,
}
REFUSALS = {"VALIDATION_FAILED", "BAD_REQUEST"}
VALUES: dict[str, Any] = {
    "String": "text",
    "Int": 1,
    "Float": 10.0,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "Date": "2026-01-01",
}

Inputs = Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]


class ServiceWasAsked(AssertionError):
    """An id that is none went past the edge."""


class NoServices:
    """A context behind which nothing may be called."""

    caller = Caller(new_id())
    request_id = "request"
    is_anonymous = False
    is_partner = False
    payer = "nobody"

    def service(self, kind: type) -> "NoServices":
        return self

    def loader(self, kind: type) -> "NoServices":
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*args: object, **kwargs: object) -> Any:
            raise ServiceWasAsked(name)

        return ask


def id_takers() -> Iterator[tuple[str, str, GraphQLField]]:
    """(operation, name, field) for every root field with an id in its arguments."""
    schema = build_schema(composed.export())
    for operation in ("query", "mutation", "subscription"):
        root = getattr(schema, f"{operation}_type")
        assert isinstance(root, GraphQLObjectType)
        for name, field in root.fields.items():
            if takes_id(field.args):
                yield operation, name, field


def takes_id(inputs: Inputs) -> bool:
    kinds = [get_named_type(each.type) for each in inputs.values()]
    return any(
        kind.name == "ID" or (isinstance(kind, GraphQLInputObjectType) and takes_id(kind.fields)) for kind in kinds
    )


def filled(kind: Any, the_id: str) -> Any:
    """A value of this input type with `the_id` wherever an id goes."""
    if isinstance(kind, GraphQLNonNull):
        return filled(kind.of_type, the_id)
    if isinstance(kind, GraphQLList):
        return [filled(kind.of_type, the_id)]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: filled(field.type, the_id) for name, field in kind.fields.items()}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    return the_id if kind.name == "ID" else VALUES[kind.name]


def document(operation: str, name: str, field: GraphQLField) -> str:
    variables = ", ".join(f"${argument}: {taken.type}" for argument, taken in field.args.items())
    arguments = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    return f"{operation}({variables}) {{ {name}({arguments}) {{ __typename }} }}"


async def answer(front: Front, text: str, variables: dict[str, Any]) -> Any:
    """The one answer, or the first of a subscription."""
    context: Any = NoServices()
    admitted = await front.admit(OperationRequest(query=text, variables=variables), context)
    async with aclosing(front.stream(admitted, context)) as answers:
        return orjson.loads(await anext(answers))


@pytest.fixture(scope="module")
def front() -> Front:
    schema, policy = composed.build(), EdgePolicy()
    documents = Documents(schema._schema, PriceList(schema._schema, {}), policy.documents, kept=1)
    source = TextSource(documents, Turns(0.0, 1), open_to_the_curious=False)
    presenter = ErrorPresenter(lambda error: None)
    engine, usage = Engine(schema, policy.execution_seconds), cast("Any", NoServices())
    return Front(source, engine, LocalBuckets(), usage, presenter, policy, RememberedAnswers(most_bytes=0))


TAKERS = list(id_takers())


def test_there_are_fields_that_take_ids() -> None:
    assert {"track", "node", "job", "cancelJob", "jobProgress"} <= {name for _, name, _ in TAKERS}


@pytest.mark.parametrize("operation, name, field", TAKERS, ids=[name for _, name, _ in TAKERS])
@pytest.mark.parametrize("the_id", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_no_id_is_refused(
    front: Front, operation: str, name: str, field: GraphQLField, the_id: str
) -> None:
    variables = {argument: filled(taken.type, the_id) for argument, taken in field.args.items()}
    async with asyncio.timeout(5.0):
        result = await answer(front, document(operation, name, field), variables)
    if operation == "mutation":
        assert result["data"] == {name: {"__typename": "ValidationFailed"}}
        assert "errors" not in result
    else:
        assert [error["extensions"]["code"] in REFUSALS for error in result["errors"]] == [True]
