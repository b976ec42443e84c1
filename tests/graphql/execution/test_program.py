"""Programs answer as graphql-core does: the same data, in the same order, and the same errors in the same places."""

import asyncio
import gc
import warnings
from typing import Any

import pytest
from graphql import validate

from graphql_api.core.refusals import DocumentInvalid
from tests.graphql.execution.both import CORE, by_core, operation, program, told

DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "leaves": ("{ branch { name numbers first { name colour weight bornAt label } } }", {}),
    "ids of nodes": ("{ branch { id a: id inner { id } } }", {}),
    "what is shown of records": ("{ branch { twigs { id height foundIn growth __typename } } }", {}),
    "nulls in records where there may be none": ("{ branch { twigs { height foundBy id } } }", {}),
    "aliases that are words of Python": ("{ branch { type: name None: name class: id str: name source: id } }", {}),
    "lists": ("{ branch { leaves { name } maybe { name } lost { name } } }", {}),
    "a field named twice": ("{ branch { first { name } first { weight name } ...F } } fragment F on Branch { id }", {}),
    "aliases in the order of the document": ("{ b: __typename a: __typename branch { z: name a: name } }", {}),
    "what comes later keeps its place": ("{ maybeBranch { later { name } name parts { __typename } } nothing }", {}),
    "unions": ("{ branch { parts { __typename ... on Leaf { label } ... on Branch { id } } } }", {}),
    "interfaces": ("{ branch { named { __typename name ... on Leaf { label } } } }", {}),
    "a node by its id": ('{ node(id: "QnJhbmNoOng=") { __typename id ... on Branch { name } } }', {}),
    "a value of no type of the union": ("{ branch { name wrong { __typename } } maybeBranch { name } }", {}),
    "defaults of arguments": ('{ branch { echo(text: "x") } }', {}),
    "literals": ('{ branch { echo(text: "x", times: 1, colour: RED, wish: {words: ["a"]}) } }', {}),
    "variables": (
        "query ($t: String!, $w: Wish, $n: Int = 3) { branch { echo(text: $t, wish: $w, times: $n) } }",
        {"t": "x", "w": {"words": ["a", "b"], "colour": "BLUE"}},
    ),
    "a variable inside a literal": (
        'query ($c: Colour = RED) { branch { echo(text: "x", wish: {words: [], colour: $c}) } }',
        {},
    ),
    "errors where null may be": ("{ maybeBranch { leaves { name fails failsLater } } }", {}),
    "errors where null may not be": ("{ maybeBranch { name leaves { mustBe } } }", {}),
    "later errors where null may not be": ("{ maybeBranch { name first { mustBeLater } parts { __typename } } }", {}),
    "an error that reaches the root": ("{ maybeBranch { name } nothing }", {}),
    "items that cannot be written": ("{ branch { badNumbers } }", {}),
    "introspection": ('{ __schema { queryType { name fields { name } } } __type(name: "Leaf") { name } }', {}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_answers_as_graphql_core_does(name: str) -> None:
    text, variables = DOCUMENTS[name]
    assert not validate(CORE, operation(text).document)
    planned = program(text)

    first = await planned.execute(variables, "ctx")
    again = await planned.execute(variables, "ctx")

    expected = await by_core(text, variables, "ctx")
    assert told(first) == told(again) == told(expected)
    assert str(first.data) == str(expected.data)


@pytest.mark.parametrize("skipped", [True, False])
@pytest.mark.parametrize("included", [True, False])
async def test_conditions_are_asked_in_each_run(skipped: bool, included: bool) -> None:
    text = """query ($skipped: Boolean!, $included: Boolean!) {
      branch { id name @skip(if: $skipped) ...F @include(if: $included) ... @include(if: false) { numbers } }
    } fragment F on Branch { numbers first { name @skip(if: $skipped) weight } }"""
    planned = program(text)
    given = {"skipped": skipped, "included": included}
    await planned.execute({"skipped": not skipped, "included": not included}, None)

    answer = await planned.execute(given, None)

    assert told(answer) == told(await by_core(text, given, None))


async def test_more_combinations_of_conditions_than_plans_are_kept() -> None:
    names = "abcd"
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    text = f"query ({declared}) {{ branch {{ id {fields} }} }}"
    planned = program(text)

    for number in [*range(16), 0, 15]:
        given = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        assert told(await planned.execute(given, None)) == told(await by_core(text, given, None))


async def test_fields_of_a_mutation_follow_one_another() -> None:
    text = 'mutation { a: append(word: "slow", seconds: 0.02) b: append(word: "quick") }'

    answer = await program(text).execute({}, [])

    assert answer.data == {"a": ["slow"], "b": ["slow", "quick"]}


async def test_a_mutation_that_fails_keeps_the_next_from_beginning() -> None:
    words: list[str] = []

    answer = await program('mutation { a: fail b: append(word: "never") }').execute({}, words)

    assert answer.data is None
    assert words == []


async def test_variables_that_do_not_fit_are_refused_before_anything_runs() -> None:
    with pytest.raises(DocumentInvalid):
        await program('query ($n: Int!) { branch { echo(text: "x", times: $n) } }').execute({"n": "many"}, None)


async def test_what_is_cancelled_before_it_began_is_not_forgotten() -> None:
    # given an answer whose two parts are about to begin
    running = asyncio.create_task(program("{ a: maybeBranch { name } b: maybeBranch { name } }").execute({}, None))
    await asyncio.sleep(0)

    # when it is not wanted any more
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        del running
        gc.collect()

    # then nothing is reported as never awaited
    assert [str(warning.message) for warning in warned] == []
