"""What a document may be: each limit with its name. How fast hostile documents are refused is in `make bench-api`."""

from dataclasses import replace
from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query

from bootstrap.areas import PRICES
from graphql_api.core.documents.prices import PriceList
from graphql_api.core.documents.reading import Documents
from graphql_api.core.policy import DocumentLimits
from graphql_api.core.refusals import DocumentInvalid, DocumentTooComplex
from tests.graphql.harness import Api


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice: 2^levels fields in a few hundred bytes."""
    links = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
    return f"{{ ...f0 }} {links} fragment f{levels} on Query {{ viewer {{ id }} }}"


def doubling_through_fields(levels: int) -> str:
    """The same, where each level is a field deeper."""
    links = " ".join(
        f"fragment f{n} on Account {{ a: x {{ ...f{n + 1} }} b: x {{ ...f{n + 1} }} }}" for n in range(levels)
    )
    return f"{{ viewer {{ ...f0 }} }} {links} fragment f{levels} on Account {{ id }}"


HOSTILE = {
    "many tokens": ("{ " + "a " * 2000 + "}", "tokens"),
    "glued tokens": ("{" + "...a" * 1100 + "}", "tokens"),
    "many comments": ("{ viewer { id } }" + "#\n" * 5000, "tokens"),
    "deep selections": ("{ a " * 700 + "}" * 700, "nesting"),
    "deep values": ("{ job(id: " + "[" * 900 + "]" * 900 + ") { id } }", "nesting"),
    "deep fields": ("{ " + "__schema { types { fields { " * 7 + "name" + " } } }" * 7 + " }", "depth"),
    "one field many times": ("{ viewer { " + "id " * 900 + "} }", "repeats"),
    "two fields many times": ("{" + "a: viewer { id }" * 200 + "}", "aliases"),
    "one field many times below": ("{" + "viewer { id }" * 200 + "}", "repeats"),
    "many aliases": ("{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(51)) + " }", "aliases"),
    "many directives": ("{ viewer { id " + "@skip(if: false) " * 51 + "} }", "directives"),
    "directives on an operation": ("query " + "@a " * 51 + "{ viewer { id } }", "directives"),
    "many fragments": (
        "{ viewer { id } }" + " ".join(f"fragment f{n} on Query {{ a }}" for n in range(101)),
        "fragments",
    ),
    "fragments that nobody spreads": ("{ viewer { id } }" + doubling(40).partition("}")[2], "nodes"),
    "many operations": (" ".join(f"query q{n} {{ a b c d e f }}" for n in range(190)), "nodes"),
    **{f"{levels} doublings": (doubling(levels), "nodes") for levels in (10, 20, 40, 60, 99)},
    **{
        f"{levels} doublings of fields": (doubling_through_fields(levels), limit)
        for levels, limit in ((10, "nodes"), (18, "nodes"), (60, "depth"))
    },
}


@pytest.fixture
def documents(schema: strawberry.Schema) -> Documents:
    return read_with(schema, DocumentLimits())


def read_with(schema: strawberry.Schema, limits: DocumentLimits) -> Documents:
    return Documents(schema._schema, PriceList(schema._schema, PRICES), limits, kept=10)


@pytest.mark.parametrize(("text", "limit"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_at_once(documents: Documents, text: str, limit: str) -> None:
    with pytest.raises(DocumentTooComplex) as refused:
        documents.read(text)
    assert refused.value.limit == limit


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ ...a } fragment a on Query { ...a }", "Cannot spread fragment 'a' within itself."),
        (
            "{ viewer { ...b } } fragment b on Account { ...c } fragment c on Account { ...b }",
            "Cannot spread fragment 'b' within itself via 'c'.",
        ),
        (
            "{ ...a } fragment a on Query { viewer { id } } fragment a on Query { ...a }",
            "There can be only one fragment named 'a'.",
        ),
    ],
)
def test_fragments_that_cannot_be_measured_are_told(documents: Documents, text: str, message: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        documents.read(text)
    assert refused.value.found[0].message == message


@pytest.mark.parametrize(
    ("limit", "bound", "text"),
    [
        ("tokens", 7, "{ viewer { id } } # c"),
        ("nesting", 3, "{ viewer { id @skip(if: true) } }"),
        ("depth", 2, "{ viewer { id } }"),
        ("depth", 2, "{ ...a } fragment a on Query { ... { viewer { ...b } } } fragment b on Account { id }"),
        ("nodes", 3, "{ viewer { ... on Account { id } } }"),
        ("aliases", 2, "{ ...a ...a } fragment a on Query { x: viewer { id } }"),
        ("directives", 2, "query($a: Boolean!) { viewer @skip(if: $a) { id @skip(if: $a) } }"),
        ("fragments", 1, "{ ...a } fragment a on Query { viewer { id } }"),
        ("repeats", 4, "{ viewer { id } viewer { id id } }"),
    ],
)
def test_a_limit_is_the_greatest_number_that_is_allowed(
    schema: strawberry.Schema, limit: str, bound: int, text: str
) -> None:
    read_with(schema, replace(DocumentLimits(), **{limit: bound})).read(text)
    with pytest.raises(DocumentTooComplex) as refused:
        read_with(schema, replace(DocumentLimits(), **{limit: bound - 1})).read(text)
    assert refused.value.data == {"limit": limit, "bound": bound - 1, "value": bound}


@pytest.mark.parametrize("text", ['{ viewer(a: "' + '\\"' * 5000, '{ viewer(a: """' + '\\"""' * 5000])
def test_a_string_without_an_end_is_one_token(documents: Documents, text: str) -> None:
    with pytest.raises(DocumentInvalid, match="Unterminated string"):
        documents.read(text)


async def test_clients_are_told_which_limit_a_document_breaks(edge: Api) -> None:
    answer = await edge.anonymous.ask(doubling(60))
    assert "data" not in answer.body
    assert answer.problem == {
        "message": "The document is too complex: nodes may be at most 1000, and is 1000000000 or more.",
        "code": "DOCUMENT_TOO_COMPLEX",
        "limit": "nodes",
        "bound": 1000,
        "value": 1_000_000_000,
    }
    # and so over a socket, which lives on
    async with edge.anonymous.socket() as socket:
        await socket.subscribe(doubling(60), {})
        refused: dict[str, Any] = await socket.receive()
        assert (refused["type"], refused["payload"][0]["extensions"]["limit"]) == ("error", "nodes")
        assert [payload["data"] async for payload in socket.follow("{ viewer { id } }", {})] == [{"viewer": None}]


def test_what_tools_ask_is_within_the_limits(documents: Documents) -> None:
    for depth in range(1, 10):
        documents.read(get_introspection_query(type_depth=depth, input_value_deprecation=True))


def test_documents_are_kept_by_their_exact_text(documents: Documents) -> None:
    first = documents.read("{ viewer { id } }")
    assert documents.read("{ viewer { id } }") is first
    assert documents.read("{ viewer {  id } }") is not first
    # until ten others were used later
    for number in range(10):
        documents.read(f"{{ viewer {{ id }} }} # {number}")
    assert documents.read("{ viewer { id } }") is not first
