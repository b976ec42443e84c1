"""schemathesis against the running API: whatever fits the schema is answered properly, and what nearly fits it, too."""

import asyncio

import pytest

from tests.graphql.belongings import SCHEMA
from tests.graphql.fuzz.fuzzer import Field, fields_of
from tests.graphql.fuzz.ground import Ground

# How many examples a field gets, and how many more for each value that it can be given.
AT_LEAST, FOR_EACH_INPUT, AT_MOST = 4, 12, 64
FIELDS = list(fields_of(SCHEMA))
ASKED = [(field, caller) for field in FIELDS for caller in ("nobody", "a person")]
ASKED += [(field, "an administrator") for field in FIELDS if field.is_for_administrators]
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "NaN": b'{"query": "{ models { id } }", "variables": {"a": NaN}}',
    "infinity": b'{"query": "{ models { id } }", "variables": {"a": -Infinity}}',
    "a number beyond doubles": b'{"query": "query($s: Float!) { __typename }", "variables": {"s": 1e999}}',
    "a number of 4,000 digits": b'{"query": "query($n: Int!) { a }", "variables": {"n": %b}}' % (b"9" * 4000),
    "half a surrogate pair": b'{"query": "query($id: ID!) { job(id: $id) { id } }", "variables": {"id": "\\ud800"}}',
    "no UTF-8": b'{"query": "{ models { id } }\xff"}',
    "UTF-16": '{"query": "{ models { id } }"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"query": "{ models { id } }"}',
    "a NUL": b'{"query": "{ models { id } }\x00"}',
    "an escaped NUL": b'{"query": "{ job(id: \\"\\u0000\\") { id } }"}',
    "the same name twice": b'{"query": "{ models { id } }", "query": "{ __typename }"}',
    "brackets without an end": b"[" * 100_000,
    "variables without an end": b'{"query": "{ __typename }", "variables": {"a": '
    + b"[" * 50_000
    + b"]" * 50_000
    + b"}}",
    "a name of another type": b'{"query": "{ __typename }", "operationName": {"a": 1}}',
    "extensions of another type": b'{"query": "{ __typename }", "extensions": [1]}',
    "a hash of another type": b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": {"$gt": ""}}}}',
    "an id with a NUL": b'{"documentId": "sha256:\\u0000"}',
}


# Hypothesis draws in a thread and takes the random numbers of the server, in another one, for those of a strategy.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
@pytest.mark.parametrize(("field", "caller"), ASKED, ids=[f"{field}, {caller}" for field, caller in ASKED])
async def test_every_field_answers_properly_whatever_it_is_given(ground: Ground, field: Field, caller: str) -> None:
    known = min(AT_LEAST + FOR_EACH_INPUT * field.inputs, AT_MOST)
    await ground.fuzz(field, caller, AT_LEAST if caller == "nobody" else known)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_every_body_is_answered_properly(ground: Ground, body: bytes) -> None:
    asker = ground.asker("a person")
    try:
        await asyncio.to_thread(asker.send, body, body.decode("latin-1"))
    finally:
        asker.close()
