"""Apollo Client, urql and relay-compiler with persisted queries against the running API."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import strawberry

from bootstrap.cli.partner_manifests import read_manifest
from domain.partners.operations import OperationUpload
from tests.architecture.sources import ROOT
from tests.clients.node import NODE, run
from tests.graphql.harness import Api, Door, open_api
from tests.partners.office import open_office, publish
from tests.world import World

QUERY = "query Models { models { id } }"
BY_HASH = {"sentText": False, "sentHash": True}
WITH_TEXT = {"sentText": True, "sentHash": True}
APP = """
import { graphql } from 'relay-runtime';
export const query = graphql`
  query AppTracksQuery($first: Int!) { tracks(first: $first) { edges { node { id title } } } viewer { id } }
`;
"""


@pytest.fixture
async def keeping(world: World, door: Door, schema: strawberry.Schema) -> AsyncGenerator[Api, None]:
    """An API that lets everybody have texts kept."""
    async with open_api(world, door, schema, keeps_texts=True) as opened:
        yield opened


@pytest.mark.parametrize("script", ["apollo.mjs", "urql.mjs"])
async def test_a_client_sends_the_text_once_where_that_is_allowed(keeping: Api, clients: Path, script: str) -> None:
    url = f"{keeping.base_url}/graphql"
    first = await run(script, "run", url, "", QUERY)
    second = await run(script, "run", url, "", QUERY)
    assert first[:-1] == [BY_HASH, WITH_TEXT]
    assert second[:-1] == [BY_HASH]
    assert first[-1] == second[-1]
    assert first[-1]["data"]["models"]


@pytest.mark.parametrize("script", ["apollo.mjs", "urql.mjs"])
async def test_a_partners_client_runs_what_is_registered(
    api: Api, schema: strawberry.Schema, clients: Path, script: str
) -> None:
    url, office = f"{api.base_url}/graphql", await open_office(api.world)
    token = await office.key()
    # given an operation that is not registered yet
    *sent, refused = await run(script, "run", url, token, QUERY)
    assert sent == [BY_HASH, WITH_TEXT]
    assert "has not registered this document" in refused["error"]
    # when the text that the client sends is registered
    (told,) = await run(script, "text", url, token, QUERY)
    await publish(office, schema, told["text"])
    # then the hash is enough
    *sent, answer = await run(script, "run", url, token, QUERY)
    assert sent == [BY_HASH]
    assert answer["data"]["models"]


async def test_relays_compiler_takes_the_schema_and_its_manifest_is_published(
    api: Api, schema: strawberry.Schema, clients: Path, tmp_path: Path
) -> None:
    # given an application that Relay's compiler has compiled against the schema of this repository
    source = tmp_path / "src"
    (source / "artifacts").mkdir(parents=True)
    (source / "App.js").write_text(APP)
    config = {
        "src": "src",
        "schema": "schema.graphql",
        "language": "javascript",
        "artifactDirectory": "src/artifacts",
        "persistConfig": {"file": "persisted.json", "algorithm": "MD5"},
    }
    (tmp_path / "relay.config.json").write_text(json.dumps(config))
    (tmp_path / "schema.graphql").write_text((ROOT / "schema.graphql").read_text())
    (tmp_path / "persisted.json").write_text("{}")
    compiler = clients / "node_modules" / "relay-compiler" / "cli.js"
    process = await asyncio.create_subprocess_exec(
        NODE,
        compiler,
        "relay.config.json",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    # when its manifest is published as it is
    (document,) = read_manifest(tmp_path / "persisted.json")
    office = await open_office(api.world)
    await publish(office, schema, OperationUpload(document.text, document.id))
    # then a server asks by the id that the compiler gave it
    headers = {"Authorization": f"Bearer {await office.key()}"}
    body = {"documentId": document.id, "variables": {"first": 3}}
    answer = (await api.http.post("/graphql", json=body, headers=headers)).json()
    assert answer["data"] == {"tracks": {"edges": []}, "viewer": None}
