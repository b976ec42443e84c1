"""Anything by its global id."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api
from tests.library.factories import add_track

NODE = """
query($id: ID!) {
  node(id: $id) {
    __typename id
    ... on Account { email }
    ... on GenerationJob { status prompt }
    ... on Track { title }
    ... on Version { meter }
  }
}
"""
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
UNKNOWN = "01J00000000000000000000000"


def refusal(path: str, global_id: str) -> dict[str, Any]:
    message = f"{global_id!r} is not the id of anything."
    return {"code": "VALIDATION_FAILED", "message": message, "issues": [{"path": path, "message": message}]}


async def test_everything_with_an_id_is_found_by_it(api: Api) -> None:
    # given a person with a job and a track
    ada = await api.person()
    job = await api.world.ask(ada.caller, prompt="slow waltz")
    track = await add_track(api.world, ada.caller, title="Waltz")
    expected = {
        to_base64("Account", ada.caller.require()): {"__typename": "Account", "email": ada.email},
        to_base64("GenerationJob", job.id): {
            "__typename": "GenerationJob",
            "status": "QUEUED",
            "prompt": "slow waltz",
        },
        to_base64("Track", track.id): {"__typename": "Track", "title": "Waltz"},
        to_base64("Version", track.current_version_id): {"__typename": "Version", "meter": "4/4"},
    }
    for global_id, fields in expected.items():
        assert await ada.client.data(NODE, id=global_id) == {"node": {"id": global_id, **fields}}


async def test_what_belongs_to_others_looks_like_what_does_not_exist(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller)
    own = {
        "Account": ada.caller.require(),
        "GenerationJob": (await api.world.ask(ada.caller)).id,
        "Track": track.id,
        "Version": track.current_version_id,
    }
    for kind, own_id in own.items():
        assert await bob.client.data(NODE, id=to_base64(kind, own_id)) == {"node": None}
        assert await bob.client.data(NODE, id=to_base64(kind, UNKNOWN)) == {"node": None}
        assert (await ada.client.data(NODE, id=to_base64(kind, own_id)))["node"]["__typename"] == kind


@pytest.mark.parametrize(
    "global_id",
    [
        "garbage",
        "",
        "💥",
        to_base64("Track", "1"),
        to_base64("Track", UNKNOWN.lower()),
        to_base64("Nope", UNKNOWN),
        to_base64("Query", UNKNOWN),
        to_base64("Job", UNKNOWN),
        to_base64("Node", UNKNOWN),
        to_base64("JobStatus", UNKNOWN),
        to_base64("cursor", UNKNOWN),
    ],
)
async def test_what_is_no_id_is_refused(edge: Api, global_id: str) -> None:
    # which is known before anybody is asked who they are
    assert await edge.anonymous.error(NODE, id=global_id) == refusal("id", global_id)
    assert await edge.anonymous.error(NODES, ids=[global_id]) == refusal("ids", global_id)


async def test_many_nodes_come_in_the_order_of_their_ids_in_few_queries(api: Api, commands: CommandLog) -> None:
    # given 20 jobs, 20 tracks and an account
    ada = await api.person(plan="studio")
    jobs = [to_base64("GenerationJob", (await api.world.ask(ada.caller)).id) for _ in range(20)]
    tracks = [to_base64("Track", (await add_track(api.world, ada.caller)).id) for _ in range(20)]
    account, unknown = to_base64("Account", ada.caller.require()), to_base64("Track", new_id())
    ids = [item for pair in zip(jobs, tracks, strict=True) for item in pair] + [unknown, account, tracks[0]]
    # when they are all asked for, one twice
    with commands.listening() as sent:
        nodes = (await ada.client.data(NODES, ids=ids))["nodes"]
    # then each stands where its id stood
    assert [node and node["id"] for node in nodes] == [None if one == unknown else one for one in ids]
    # and what is not the person's own is looked for among what is public
    assert sorted(sent) == ["find accounts", "find jobs", "find tracks", "find tracks"]


async def test_at_most_a_hundred_nodes_are_asked_for_at_once(api: Api) -> None:
    ada = await api.person()
    ids = [to_base64("Track", new_id()) for _ in range(101)]
    assert len((await ada.client.data(NODES, ids=ids[:100]))["nodes"]) == 100
    message = "At most 100 ids can be asked for at once."
    assert await ada.client.error(NODES, ids=ids) == {
        "code": "VALIDATION_FAILED",
        "message": message,
        "issues": [{"path": "ids", "message": message}],
    }


async def test_nobody_in_particular_sees_what_is_public_and_signs_in_for_the_rest(api: Api) -> None:
    assert await api.anonymous.data(NODE, id=to_base64("Track", new_id())) == {"node": None}
    assert (await api.anonymous.error(NODE, id=to_base64("GenerationJob", new_id())))["code"] == "UNAUTHENTICATED"
