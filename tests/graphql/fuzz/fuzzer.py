"""Runs schemathesis' cases of one field against the running API; synchronous, for a thread of its own."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import schemathesis
from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
    print_schema,
)
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.config import SchemathesisConfig

from graphql_api.core.transport.requests import MAX_BODY_BYTES
from tests.graphql.fuzz.judge import Judge
from tests.graphql.fuzz.values import Pantry, seasoned

SEED = 20261121
# A server that has not answered by then hangs.
PATIENCE_SECONDS = 30.0
# A stream that says nothing for so long is waiting for something to happen.
SILENCE_SECONDS = 0.2
EVENT_STREAM = "text/event-stream"
DATA = "data: "


@dataclass(frozen=True)
class Field:
    """A field of one of the root types, and how many values it can be given."""

    root: str
    name: str
    inputs: int
    is_for_administrators: bool

    def __str__(self) -> str:
        return f"{self.root}.{self.name}"


def fields_of(schema: GraphQLSchema) -> Iterator[Field]:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        for name, field in root.fields.items():
            yield Field(root.name, name, _inputs(field.args), "administrators" in (field.description or ""))


class Asker:
    """Asks as one caller, and has every answer judged. Close it."""

    def __init__(self, base_url: str, judge: Judge, token: str | None) -> None:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=PATIENCE_SECONDS)
        self._judge = judge

    def ask(self, root: str, document: str) -> None:
        """Raises `Verdict`, and httpx' errors when there is no answer."""
        if root == "Subscription":
            self._listen(f"subscription {document.removeprefix('query')}")
        else:
            self.send(json.dumps({"query": document}).encode(), document)

    def send(self, body: bytes, asked: str) -> None:
        """One POST of any body."""
        answer = self._http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
        told = (answer.status_code, answer.headers["content-type"], answer.text, asked)
        self._judge.judge(*told, is_too_large=len(body) > MAX_BODY_BYTES)

    def close(self) -> None:
        self._http.close()

    def _listen(self, document: str) -> None:
        """The first thing that is said, if anything is."""
        headers = {"Content-Type": "application/json", "Accept": EVENT_STREAM}
        body, patience = json.dumps({"query": document}).encode(), httpx.Timeout(PATIENCE_SECONDS, read=SILENCE_SECONDS)
        try:
            with self._http.stream("POST", "/graphql", content=body, headers=headers, timeout=patience) as answer:
                content_type = answer.headers["content-type"]
                if content_type.startswith(EVENT_STREAM):
                    line = next(line for line in answer.iter_lines() if line.startswith(DATA))
                    said, content_type = line.removeprefix(DATA), "application/json"
                else:
                    said = answer.read().decode()
                self._judge.judge(answer.status_code, content_type, said, document)
        except httpx.ReadTimeout:
            return


class Fuzzer:
    """One schema, one API. All examples come from one seed and nothing is remembered from run to run."""

    def __init__(self, schema: GraphQLSchema, pantry: Pantry) -> None:
        config = SchemathesisConfig()
        self._roots = {
            "Query": schemathesis.graphql.from_file(print_schema(schema), config=config),
            "Subscription": schemathesis.graphql.from_file(subscriptions_as_queries(schema), config=config),
        }
        for root in self._roots.values():
            root.hook("flatmap_body")(_season_with(pantry))
        self._roots["Mutation"] = self._roots["Query"]

    def run(self, field: Field, asker: Asker, examples: int) -> int:
        """How many there were. Raises `Verdict`."""
        cases: SearchStrategy[schemathesis.Case[Any]] = self._roots[field.root][field.root][field.name].as_strategy()
        count = 0

        @seed(SEED)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases)
        def ask(case: schemathesis.Case[Any]) -> None:
            nonlocal count
            count += 1
            asker.ask(field.root, str(case.body))

        ask()
        return count


def subscriptions_as_queries(schema: GraphQLSchema) -> str:
    """A schema whose queries are the subscriptions of another, because schemathesis writes no subscriptions."""
    objects = [kind for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType)]
    seen = [kind for kind in objects if kind.interfaces and not is_introspection_type(kind)]
    return print_schema(GraphQLSchema(query=schema.subscription_type, types=seen))


def _inputs(given: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]) -> int:
    kinds = [get_named_type(each.type) for each in given.values()]
    return sum(_inputs(kind.fields) if isinstance(kind, GraphQLInputObjectType) else 1 for kind in kinds)


def _season_with(pantry: Pantry) -> Callable[[object, DocumentNode], SearchStrategy[DocumentNode]]:
    def flatmap_body(context: object, body: DocumentNode) -> SearchStrategy[DocumentNode]:
        return seasoned(body, pantry)

    return flatmap_body
