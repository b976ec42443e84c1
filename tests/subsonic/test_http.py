"""The edge of OpenSubsonic: who is let in, how calls are sent and replies written, and what a call costs."""

import json
from xml.etree import ElementTree

import pytest
import strawberry

from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from domain.kit.rate_limit import Bucket
from domain.library.editing import TrackChanges
from domain.library.services.edit import TrackEditing
from graphql_api.core.policy import EdgePolicy
from graphql_api.subsonic.endpoints import ENDPOINTS
from tests.graphql.harness import Api, Door, open_api
from tests.library.factories import add_track
from tests.partners.office import open_office
from tests.subsonic.players import player
from tests.world import World

NAMESPACE = "{http://subsonic.org/restapi}"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_call_is_sent_in_every_way_that_players_know(api: Api) -> None:
    ada = await player(api, await api.person())
    given = {"apiKey": ada.key, "f": "json", "v": "1.16.1", "c": "player"}
    answers = [
        await api.http.get("/rest/ping", params=given),
        await api.http.get("/rest/ping.view", params=given),
        await api.http.post("/rest/ping.view", data=given),
        await api.http.post("/rest/ping", params={"apiKey": ada.key}, data={"f": "json"}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        reply = answer.json()["subsonic-response"]
        assert (reply["status"], reply["version"]) == ("ok", "1.16.1")
        assert (reply["type"], reply["openSubsonic"]) == ("cadenza", True)


async def test_a_reply_says_the_same_in_xml_and_in_json(api: Api) -> None:
    # given a title that neither may take for its own signs
    ada = await player(api, await api.person())
    track = await add_track(api.world, ada.person.caller, "Rain")
    changes = TrackChanges(title='<Rain> & "Snow" \U0001f327', description="one\ntwo")
    await api.world.get(TrackEditing).update(ada.person.caller, track.id, track.revision, changes)
    # when it is told in both
    said = (await ada.ok("getSong", id=f"tr-{track.id}"))["song"]
    answer = await api.http.get("/rest/getSong", params={"apiKey": ada.key, "id": f"tr-{track.id}"})
    assert answer.headers["content-type"] == "application/xml"
    root = ElementTree.fromstring(answer.text)
    assert (root.tag, root.get("status")) == (f"{NAMESPACE}subsonic-response", "ok")
    written = root.find(f"{NAMESPACE}song")
    assert written is not None
    # then all that is said of it is the same, as far as XML has types
    plain = {name: value for name, value in said.items() if not isinstance(value, list | dict)}
    told = {name: value if isinstance(value, str) else json.dumps(value) for name, value in plain.items()}
    assert written.attrib == told
    assert (written.get("title"), written.get("comment")) == ('<Rain> & "Snow" \U0001f327', "one\ntwo")
    (genre,) = written.findall(f"{NAMESPACE}genres")
    assert genre.attrib == said["genres"][0]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, 10),
        ({"u": "ada"}, 10),
        ({"u": "ada", "p": "secret"}, 42),
        ({"u": "ada", "t": "26719a1196d2a940705a59634eb18eab", "s": "c19b2d"}, 41),
        ({"apiKey": "wrong"}, 44),
        ({"apiKey": "cdz_live_00000000_0000000000000000000000000000000000000000000000000"}, 44),
    ],
)
async def test_only_a_key_opens_the_door(api: Api, given: dict[str, str], code: int) -> None:
    for endpoint in ("ping", "getArtists", "stream", "nothing"):
        answer = await api.http.get(f"/rest/{endpoint}", params={"f": "json", **given})
        assert answer.status_code == 200
        reply = answer.json()["subsonic-response"]
        assert (reply["status"], reply["error"]["code"]) == ("failed", code)


async def test_a_key_comes_alone(api: Api) -> None:
    ada = await player(api, await api.person())
    for name in ("u", "p", "t", "s"):
        assert await ada.code("ping", **{name: "ada"}) == 43


async def test_what_is_no_persons_key_is_none(api: Api) -> None:
    person, office = await api.person(), await open_office(api.world)
    for token in (person.client.token, await office.key()):
        answer = await api.http.get("/rest/ping", params={"apiKey": token, "f": "json"})
        assert answer.json()["subsonic-response"]["error"]["code"] == 44


async def test_a_revoked_key_is_out(api: Api) -> None:
    ada = await player(api, await api.person())
    await ada.ok("ping")
    keys = api.world.get(ApiKeyService)
    (key,) = await keys.keys(ada.person.caller)
    await keys.revoke(ada.person.caller, key.id)
    assert await ada.code("ping") == 44


async def test_a_key_without_the_scope_is_told_so(api: Api) -> None:
    ada = await player(api, await api.person(), Scope.JOBS)
    track = await add_track(api.world, ada.person.caller)
    assert await ada.code("ping") == 50
    before = await api.contents()
    for endpoint in ENDPOINTS:
        assert await ada.code(endpoint, id=f"tr-{track.id}", name="Evening") == 50, endpoint
    assert await api.contents() == before


async def test_the_extensions_are_told_to_anybody(api: Api) -> None:
    answer = await api.http.get("/rest/getOpenSubsonicExtensions", params={"f": "json"})
    told = answer.json()["subsonic-response"]["openSubsonicExtensions"]
    assert told == [{"name": name, "versions": [1]} for name in ("apiKeyAuthentication", "formPost", "songLyrics")]


async def test_what_cannot_be_read_is_told_in_words(api: Api) -> None:
    ada = await player(api, await api.person())
    assert await ada.code("getPodcasts") == 0
    assert await ada.code("getSong") == 10
    assert await ada.code("getAlbumList2") == 10
    assert await ada.code("getAlbumList2", type="loudest") == 0
    assert await ada.code("getAlbumList2", type="newest", size="many") == 0
    assert await ada.code("scrobble", id="tr-1", submission="perhaps") == 70
    assert (await ada.get("ping", f="jsonp", callback="alert")).headers["content-type"] == "application/xml"
    assert (await api.http.delete("/rest/ping")).status_code == 405
    many = "&".join(f"songId={number}" for number in range(10_200))
    refused = await api.http.post("/rest/createPlaylist", content=many, headers=FORM)
    assert (refused.status_code, "at most 10,100 parameters" in refused.text) == (200, True)
    large = await api.http.post("/rest/createPlaylist", content="a" * 300_000, headers=FORM)
    assert large.status_code == 413


async def test_calls_are_paid_from_the_same_budget_as_graphql(
    world: World, door: Door, schema: strawberry.Schema
) -> None:
    bucket = Bucket(capacity=450, restore_per_second=0.001)
    policy = EdgePolicy(account_bucket=bucket, address_bucket=Bucket(capacity=50, restore_per_second=0.001))
    async with open_api(world, door, schema, policy=policy) as api:
        ada = await player(api, await api.person())
        # given a budget that GraphQL has seen something of, and that one call uses up
        assert (await ada.person.client.data("{ viewer { id } }"))["viewer"]
        await ada.ok("getArtists")
        answer = await ada.get("getArtists")
        assert (answer.status_code, answer.json()["subsonic-response"]["status"]) == (429, "failed")
        assert int(answer.headers["retry-after"]) > 0
        # and who tries wrong keys is slowed down by address
        codes = [
            (await api.http.get("/rest/ping", params={"apiKey": f"wrong{number}"})).status_code for number in range(4)
        ]
        assert codes == [200, 200, 429, 429]


async def test_while_storage_is_away_a_player_is_told_to_come_again(api: Api) -> None:
    ada = await player(api, await api.person())
    await api.world.ask(ada.person.caller, title="Evening")
    await api.world.work_off()
    (record,) = await api.world.documents("tracks")
    api.world.blobs.is_down = True
    answer = await ada.get("getCoverArt", id=f"al-{record['_id']}", size=64)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["subsonic-response"]["status"] == "failed"
