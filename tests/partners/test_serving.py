"""What an organisation's servers may run: by which ids, over which transports, and for how much."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import md5, sha256
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
import strawberry

from domain.kit.rate_limit import Bucket
from domain.partners.operations import OperationUpload
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from domain.partners.stores.operations import OperationStore
from tests.graphql.client import Answer
from tests.graphql.harness import POLICY, Api, Door, open_api
from tests.library.factories import add_track
from tests.partners.office import open_office, publish, signed_in
from tests.world import World

TRACKS = "query Tracks($first: Int! = 5) { tracks(first: $first) { edges { node { title } } } }"
MODELS = "query Models { models { id } }"
SIGN_OUT = "mutation Leave { signOut(input: {}) { __typename } }"
WATCH = "subscription Watch { myJobs { job { status } } }"
NOT_FOUND = {"message": "PersistedQueryNotFound", "code": "PERSISTED_QUERY_NOT_FOUND"}
SPEC = "application/graphql-response+json"

USAGE = """
query($id: ID!, $from: Date!, $to: Date!) {
  partnerUsage(organisationId: $id, from: $from, to: $to) {
    total { calls cost errors } days { day usage { calls } }
    operations { documentId name usage { calls cost errors } }
  }
}
"""


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def post(api: Api, token: str | None, body: Mapping[str, Any], accept: str = SPEC) -> Answer:
    headers = {"Accept": accept, **authorization(token)}
    response = await api.http.post("/graphql", json=dict(body), headers=headers)
    return Answer(response.status_code, response.headers, response.json())


async def get(api: Api, token: str | None, headers: Mapping[str, str] | None = None, **parameters: str) -> Any:
    sent = {"Accept": SPEC, **authorization(token), **(headers or {})}
    return await api.http.get(f"/graphql?{urlencode(parameters)}", headers=sent)


def authorization(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


BY_MD5 = md5(TRACKS.encode(), usedforsecurity=False).hexdigest()
FORMS: dict[str, dict[str, Any]] = {
    "document id": {"documentId": f"sha256:{digest(TRACKS)}"},
    "plain document id": {"documentId": digest(TRACKS)},
    "Apollo's extension": {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(TRACKS)}}},
    "a tool's own id": {"documentId": BY_MD5},
    "the exact text": {"query": TRACKS},
    "text and hash": {"query": TRACKS, "documentId": digest(TRACKS)},
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_registered_operation_runs_by_every_form_of_its_id(
    api: Api, schema: strawberry.Schema, form: str
) -> None:
    office = await open_office(api.world)
    await publish(office, schema, OperationUpload(TRACKS, BY_MD5))
    token = await office.key()
    await add_track(api.world, await api.world.get(PartnerKeyService).caller_of(token), "Jingle")
    answer = await post(api, token, {**FORMS[form], "variables": {"first": 1}, "operationName": "Tracks"})
    assert (answer.status, answer.data) == (200, {"tracks": {"edges": [{"node": {"title": "Jingle"}}]}})
    assert answer.body["extensions"]["cost"]["requested"] > 1


async def test_an_unknown_id_has_exactly_the_answer_that_clients_expect(api: Api) -> None:
    token = await (await open_office(api.world)).key()
    for body in ({"documentId": f"sha256:{digest(TRACKS)}"}, FORMS["Apollo's extension"]):
        for accept, status in ((SPEC, 400), ("application/json", 200)):
            answer = await post(api, token, body, accept)
            assert (answer.status, answer.problem) == (status, NOT_FOUND)
            assert answer.body.keys() == {"errors"}
    assert (await post(api, token, {})).problem["code"] == "BAD_REQUEST"


async def test_text_of_a_partner_is_refused_unless_it_is_registered(api: Api, schema: strawberry.Schema) -> None:
    office = await open_office(api.world)
    await publish(office, schema, TRACKS)
    token = await office.key()
    for text in (f"{TRACKS} ", MODELS, "{ __schema { types { name } } }", "{"):
        answer = await post(api, token, {"query": text})
        assert (answer.status, answer.problem["code"]) == (400, "OPERATION_NOT_REGISTERED")
    mixed = await post(api, token, {"query": TRACKS, "documentId": digest(MODELS)})
    assert mixed.problem["code"] == "PERSISTED_QUERY_HASH_MISMATCH"


async def test_nobody_else_runs_what_an_organisation_has_registered(api: Api, schema: strawberry.Schema) -> None:
    office, other = await open_office(api.world), await open_office(api.world, "Other")
    await publish(office, schema, TRACKS)
    by_id = {"documentId": digest(TRACKS)}
    assert (await post(api, await other.key(), by_id)).problem == NOT_FOUND
    assert (await post(api, await other.key(), {"query": TRACKS})).problem["code"] == "OPERATION_NOT_REGISTERED"
    not_supported = {"message": "PersistedQueryNotSupported", "code": "PERSISTED_QUERY_NOT_SUPPORTED"}
    assert (await post(api, None, by_id)).problem == not_supported
    assert (await post(api, (await api.person()).client.token, by_id)).problem == not_supported


async def test_a_revoked_key_is_told_so(api: Api, schema: strawberry.Schema) -> None:
    office = await open_office(api.world)
    await publish(office, schema, TRACKS)
    token, keys = await office.key(), api.world.get(PartnerKeyService)
    (key,) = await keys.keys(office.owner, office.organisation.id)
    assert (await post(api, token, {"documentId": digest(TRACKS)})).status == 200
    await keys.revoke(office.owner, key.id)
    refused = await post(api, token, {"documentId": digest(TRACKS)})
    assert (refused.status, refused.problem["code"]) == (401, "UNAUTHENTICATED")


async def test_a_retired_operation_stops_here_at_once_and_elsewhere_within_seconds(
    api: Api, schema: strawberry.Schema
) -> None:
    world = api.world
    office = await open_office(world)
    (operation_id,) = await publish(office, schema, TRACKS)
    token, by_id = await office.key(), {"documentId": digest(TRACKS)}
    elsewhere = OperationSafelist(OperationStore(), world.clock, timedelta(seconds=5))
    assert (await post(api, token, by_id)).status == 200
    assert await elsewhere.find(office.organisation.id, digest(TRACKS)) is not None
    await world.get(OperationRegistry).retire(office.owner, office.organisation.id, [operation_id])
    assert (await post(api, token, by_id)).problem == NOT_FOUND
    assert await elsewhere.find(office.organisation.id, digest(TRACKS)) is not None
    world.clock.advance(5)
    assert await elsewhere.find(office.organisation.id, digest(TRACKS)) is None


async def test_subscriptions_run_by_id_over_a_socket_and_as_a_stream(api: Api, schema: strawberry.Schema) -> None:
    office = await open_office(api.world)
    await publish(office, schema, WATCH)
    client = await office.client(api)
    caller = await api.world.get(PartnerKeyService).caller_of(client.token or "")
    await api.world.ask(caller)
    async with client.socket() as socket:
        await socket.send(type="subscribe", id="1", payload={"documentId": digest(WATCH)})
        first = await socket.receive()
        assert first["payload"]["data"] == {"myJobs": {"job": {"status": "QUEUED"}}}
        await socket.send(type="subscribe", id="2", payload={"query": "subscription { myJobs { eventId } }"})
        refused = await socket.receive()
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "OPERATION_NOT_REGISTERED")
    # and as server-sent events
    headers = {"Accept": "text/event-stream", **authorization(client.token)}
    async with (
        httpx.AsyncClient(base_url=api.base_url) as http,
        http.stream("POST", "/graphql", json={"documentId": digest(WATCH)}, headers=headers) as answer,
    ):
        told = [line async for line in _until(answer.aiter_lines(), "data: ")]
    assert answer.status_code == 200
    assert orjson.loads(told[-1].removeprefix("data: ")) == {"data": {"myJobs": {"job": {"status": "QUEUED"}}}}


async def _until(lines: AsyncIterator[str], beginning: str) -> AsyncIterator[str]:
    """The lines up to the first that begins so."""
    async for line in lines:
        yield line
        if line.startswith(beginning):
            return


async def test_a_query_by_get_is_kept_by_its_client(api: Api, schema: strawberry.Schema) -> None:
    office = await open_office(api.world)
    await publish(office, schema, TRACKS)
    token = await office.key()
    caller = await api.world.get(PartnerKeyService).caller_of(token)
    await add_track(api.world, caller, "Jingle")
    asked = {"documentId": f"sha256:{digest(TRACKS)}", "variables": '{"first": 1}', "operationName": "Tracks"}
    first = await get(api, token, None, **asked)
    assert (first.status_code, first.json()) == (200, {"data": {"tracks": {"edges": [{"node": {"title": "Jingle"}}]}}})
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Accept"} <= set(first.headers["vary"].split(", "))
    # when it is asked for again
    tag = first.headers["etag"]
    again = await get(api, token, {"If-None-Match": f'"other", {tag}'}, **asked)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "private, no-cache"
    # and after a change
    await add_track(api.world, caller, "Another")
    changed = await get(api, token, {"If-None-Match": tag}, **asked)
    assert changed.json() == {"data": {"tracks": {"edges": [{"node": {"title": "Another"}}]}}}
    assert changed.headers["etag"] != tag


async def test_get_runs_registered_queries_only(api: Api, schema: strawberry.Schema) -> None:
    office = await open_office(api.world)
    await publish(office, schema, SIGN_OUT, WATCH, MODELS)
    token, ada = await office.key(), await api.person()
    for text in (SIGN_OUT, WATCH):
        answer = await get(api, token, None, documentId=digest(text))
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert answer.headers["cache-control"] == "no-store"
    for asked, code in (
        ({"documentId": digest(TRACKS)}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"documentId": digest(MODELS), "variables": "{"}, "BAD_REQUEST"),
        ({"documentId": digest(MODELS), "variables": "[]"}, "BAD_REQUEST"),
    ):
        answer = await get(api, token, None, **asked)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, code)
    for asked in ({"query": MODELS}, {"query": MODELS, "documentId": digest(MODELS)}, {}):
        answer = await get(api, token, None, **asked)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    answer = await get(api, ada.client.token, None, documentId=digest(MODELS))
    assert answer.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_public_safelist_is_for_everybody(world: World, door: Door, schema: strawberry.Schema) -> None:
    office = await open_office(world)
    await publish(office, schema, MODELS)
    policy = replace(POLICY, public_safelist=office.organisation.id)
    async with open_api(world, door, schema, policy=policy) as api:
        stranger = await get(api, None, None, documentId=digest(MODELS))
        assert (stranger.status_code, stranger.headers["cache-control"]) == (200, "public, max-age=60")
        tagged = await get(api, None, {"If-None-Match": stranger.headers["etag"]}, documentId=digest(MODELS))
        assert tagged.status_code == 304
        ada = await api.person()
        person = await get(api, ada.client.token, None, documentId=digest(MODELS))
        assert (person.json(), person.headers["cache-control"]) == (stranger.json(), "private, no-cache")
        assert (await get(api, None, None, documentId=digest(TRACKS))).status_code == 400
        # and it makes nothing of it for other organisations
        other = await open_office(world, "Other")
        assert (await post(api, await other.key(), {"documentId": digest(MODELS)})).problem == NOT_FOUND


async def test_an_organisation_has_its_own_budget(world: World, door: Door, schema: strawberry.Schema) -> None:
    office = await open_office(world)
    await publish(office, schema, TRACKS)
    usual = Bucket(capacity=1000, restore_per_second=0.001)
    async with open_api(world, door, schema, policy=replace(POLICY, partner_bucket=usual)) as api:
        token, by_id = await office.key(), {"documentId": digest(TRACKS)}
        assert (await post(api, token, by_id)).body["extensions"]["cost"]["limit"] == 1000
        # when an operator grants it another one
        await world.get(OrganisationService).grant(office.organisation.id, Bucket(7, 0.001))
        world.clock.advance(25)
        refused = await post(api, token, by_id)
        assert (refused.status, refused.problem["code"], refused.problem["cost"]["limit"]) == (429, "RATE_LIMITED", 7)
        await world.get(OrganisationService).grant(office.organisation.id, None)
        world.clock.advance(25)
        assert (await post(api, token, by_id)).body["extensions"]["cost"]["limit"] == 1000


async def test_usage_is_counted_by_day_and_operation(api: Api, schema: strawberry.Schema) -> None:
    world = api.world
    office, other = await open_office(world), await open_office(world, "Other")
    await publish(office, schema, TRACKS, "query Job($id: ID!) { job(id: $id) { id } }")
    token, owner = await office.key(), await signed_in(api, office.owner)
    today = world.clock.now().date().isoformat()
    asked: dict[str, Any] = {"id": office.id, "from": today, "to": today}
    for _ in range(3):
        cost = (await post(api, token, {"documentId": digest(TRACKS)})).body["extensions"]["cost"]["requested"]
    bad = "query Job($id: ID!) { job(id: $id) { id } }"
    await post(api, token, {"documentId": digest(bad), "variables": {"id": "junk"}})
    await post(api, token, {"documentId": "unknown"})
    # when what was counted is written, in two parts
    await world.get(PartnerUsage).flush()
    await post(api, token, {"documentId": digest(TRACKS)})
    await world.get(PartnerUsage).flush()
    # then members see it
    report = (await owner.data(USAGE, **asked))["partnerUsage"]
    tracks, job = report["operations"]
    assert tracks == {
        "documentId": f"sha256:{digest(TRACKS)}",
        "name": "Tracks",
        "usage": {"calls": 4, "cost": 4 * cost, "errors": 0},
    }
    assert (job["name"], job["usage"]["calls"], job["usage"]["errors"]) == ("Job", 1, 1)
    assert report["days"] == [{"day": today, "usage": {"calls": 5}}]
    assert report["total"]["calls"] == 5
    # and nobody else
    stranger = await signed_in(api, other.owner)
    assert (await stranger.error(USAGE, **asked))["code"] == "NOT_FOUND"
    assert (await owner.error(USAGE, **{**asked, "from": "2020-01-01"}))["code"] == "VALIDATION_FAILED"


async def test_counts_that_cannot_be_written_are_written_later(world: World) -> None:
    office, usage = await open_office(world), world.get(PartnerUsage)
    usage.note(office.organisation.id, "0" * 64, "Tracks", 5, failed=False)
    # given a day that MongoDB has no place for
    collection = world.client[world.database]["partner_usage"]
    await collection.drop()
    await world.client[world.database].command("create", "partner_usage", validator={"calls": {"$gt": 100}})
    await usage.flush()
    assert await world.documents("partner_usage") == []
    await collection.drop()
    usage.note(office.organisation.id, "0" * 64, "Tracks", 5, failed=True)
    await usage.flush()
    (written,) = await world.documents("partner_usage")
    assert (written["calls"], written["cost"], written["errors"]) == (2, 10, 1)


async def test_a_program_that_stops_writes_what_it_has_counted(world: World) -> None:
    office, usage = await open_office(world), world.get(PartnerUsage)
    running = asyncio.create_task(usage.run())
    usage.note(office.organisation.id, "0" * 64, "Tracks", 5, failed=False)
    usage.stop()
    await running
    assert [written["calls"] for written in await world.documents("partner_usage")] == [1]
