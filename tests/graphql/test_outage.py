"""The API while MongoDB is out of reach."""

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import strawberry
from strawberry.relay.utils import to_base64

from deploy.embedded import Endpoints
from domain.kit.ids import new_id
from domain.playback.services.playback import PLAYBACK_AUDIENCE
from tests.graphql.client import GraphQLClient, Json
from tests.graphql.harness import PASSWORD, Door, open_api
from tests.relay import open_relay
from tests.world import open_world

GENERATE = 'mutation { generateTrack(input: {prompt: "calm"}) { __typename } }'
SIGN_UP = "mutation($input: SignUpInput!) { signUp(input: $input) { __typename } }"
PROGRESS = "subscription($id: ID!) { jobProgress(jobId: $id) { status } }"
BOB = {"email": "bob@cadenza.example", "password": PASSWORD, "displayName": "Bob"}
GONE = {
    "code": "DEPENDENCY_UNAVAILABLE",
    "message": "MongoDB cannot be reached right now. Nothing is lost; try again in a moment.",
}


async def test_a_lost_database_is_named_within_seconds_and_comes_back(
    endpoints: Endpoints, tmp_path: Path, door: Door, schema: strawberry.Schema
) -> None:
    # given an API that reaches MongoDB over a line that can be cut
    address = urlsplit(endpoints.mongo_url)
    assert address.hostname is not None
    assert address.port is not None
    async with open_relay(address.hostname, address.port) as relay:
        url = f"mongodb://127.0.0.1:{relay.own_port}/?directConnection=true"
        async with open_world(url, tmp_path, patience_seconds=5) as world, open_api(world, door, schema) as api:
            ada = await api.person()
            await ada.client.data(GENERATE)
            listening = world.kit.signer.sign(PLAYBACK_AUDIENCE, new_id(), world.clock.now() + timedelta(hours=1))
            # when it is cut
            await relay.cut()
            async with asyncio.timeout(20):
                playing = asyncio.create_task(api.http.get(f"/hls/{listening}/audio.m3u8"))
                payloads, *answers = await asyncio.gather(
                    _watch(ada.client),
                    ada.client.error("{ viewer { id } }"),
                    ada.client.error("{ jobs { edges { cursor } } }"),
                    ada.client.error("{ tracks { edges { cursor } } }"),
                    ada.client.error(GENERATE),
                    ada.client.error(SIGN_UP, input=BOB),
                )
                playlist = await playing
            # then every answer says so, a player is asked to come back, and what needs no database works
            assert answers == [GONE] * 5
            ((error,),) = [payload["errors"] for payload in payloads]
            assert {"message": error["message"], "code": error["extensions"]["code"]} == GONE
            assert (playlist.status_code, playlist.headers["retry-after"], playlist.text) == (503, "2", GONE["message"])
            models = (await api.anonymous.data("{ models { id } }"))["models"]
            assert models == [{"id": "composer"}, {"id": "score-tiny"}]
            # and when the line is back, so is all that was there
            await relay.open()
            assert len((await ada.client.data("{ jobs { edges { cursor } } }"))["jobs"]["edges"]) == 1


async def _watch(client: GraphQLClient) -> list[Json]:
    async with client.socket() as socket:
        return [payload async for payload in socket.follow(PROGRESS, {"id": to_base64("GenerationJob", new_id())})]
