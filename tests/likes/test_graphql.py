"""Likes through the public API, and their counts."""

import asyncio
from datetime import timedelta
from typing import Any

from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from domain.kit.personal_data import Erasure
from domain.library.model import Track, Visibility
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.likes.services.count import LikeCounting
from domain.likes.services.personal_data import LikePersonalData
from domain.likes.store import LikeStore
from tests.graphql.client import GraphQLClient
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist, secret_of, share

LIKE = """mutation($input: LikeTrackInput!) { likeTrack(input: $input) {
  __typename ... on LikeTrackSuccess { track { likeCount viewerHasLiked } } ... on Problem { code message }
} }"""
UNLIKE = """mutation($input: UnlikeTrackInput!) { unlikeTrack(input: $input) {
  __typename ... on UnlikeTrackSuccess { track { likeCount viewerHasLiked } } ... on Problem { code }
} }"""
LIKES = "query($id: ID!) { track(id: $id) { likeCount viewerHasLiked } }"
LIKED = """query($first: Int! = 20, $after: String) { likedTracks(first: $first, after: $after) {
  edges { cursor node { likedAt track { title isMine } } } pageInfo { hasNextPage endCursor }
} }"""


async def call(client: GraphQLClient, mutation: str, track: Track) -> dict[str, Any]:
    (answer,) = (await client.data(mutation, input={"trackId": to_base64("Track", track.id)})).values()
    assert isinstance(answer, dict)
    return answer


async def likes(client: GraphQLClient, track: Track) -> tuple[int, bool]:
    found = (await client.data(LIKES, id=to_base64("Track", track.id)))["track"]
    return found["likeCount"], found["viewerHasLiked"]


async def liked(person: Person) -> list[str]:
    page = (await person.client.data(LIKED, first=100))["likedTracks"]
    return [edge["node"]["track"]["title"] for edge in page["edges"]]


async def count(api: Api) -> int:
    return await api.world.get(LikeCounting).sweep()


async def a_public_track(api: Api, title: str = "Rain") -> tuple[Person, Track]:
    ada = await artist(api)
    return ada, await share(api, ada, (await add_track(api.world, ada.caller, title)).id)


async def test_a_like_is_there_at_once_for_who_likes_and_soon_for_all(api: Api) -> None:
    # given a public track
    _, track = await a_public_track(api)
    bob, carol = await api.person("Bob"), await api.person("Carol")
    # when Bob likes it, twice
    success = {"__typename": "LikeTrackSuccess", "track": {"likeCount": 1, "viewerHasLiked": True}}
    assert await call(bob.client, LIKE, track) == success
    assert await call(bob.client, LIKE, track) == success
    # then he sees it at once, and others when it is counted
    assert await likes(carol.client, track) == (0, False)
    assert await count(api) == 1
    assert await likes(bob.client, track) == (1, True)
    assert await likes(carol.client, track) == (1, False)
    assert await likes(api.anonymous, track) == (1, False)
    assert await count(api) == 0
    # and the same when he takes it back
    gone = {"__typename": "UnlikeTrackSuccess", "track": {"likeCount": 0, "viewerHasLiked": False}}
    assert await call(bob.client, UNLIKE, track) == gone
    assert await call(bob.client, UNLIKE, track) == gone
    assert await likes(carol.client, track) == (1, False)
    assert await count(api) == 1
    assert await likes(carol.client, track) == (0, False)
    assert await api.world.documents("likes") == []


async def test_what_is_taken_back_before_it_was_counted_leaves_nothing(api: Api) -> None:
    _, track = await a_public_track(api)
    bob = await api.person("Bob")
    await call(bob.client, LIKE, track)
    await call(bob.client, UNLIKE, track)
    assert await api.world.documents("likes") == []
    # and what is liked again before it was taken from the count is as it was
    await call(bob.client, LIKE, track)
    await count(api)
    await call(bob.client, UNLIKE, track)
    await call(bob.client, LIKE, track)
    assert await count(api) == 0
    assert await likes(api.anonymous, track) == (1, False)


async def test_parallel_likes_of_one_person_are_one_like(api: Api) -> None:
    _, track = await a_public_track(api)
    bob = await api.person("Bob")
    await asyncio.gather(*(call(bob.client, LIKE, track) for _ in range(20)))
    assert await likes(bob.client, track) == (1, True)
    await count(api)
    assert await likes(api.anonymous, track) == (1, False)
    assert len(await api.world.documents("likes")) == 1


async def test_counts_are_exact_however_likes_and_counting_meet(api: Api) -> None:
    # given a hundred people who like and unlike one track while two workers count
    _, track = await a_public_track(api)
    store, people = api.world.get(LikeCounting), [new_id() for _ in range(100)]
    likes_of = LikeStore()

    async def waver(number: int, person: str) -> None:
        for _ in range(3):
            await likes_of.like(person, track, api.world.clock.now())
            await likes_of.unlike(person, track.id)
        if number % 3:
            await likes_of.like(person, track, api.world.clock.now())

    async def keep_counting() -> None:
        for _ in range(5):
            await store.sweep()

    # when all of that happens at once
    await asyncio.gather(*(waver(*each) for each in enumerate(people)), keep_counting(), keep_counting())
    await count(api)
    # then those are counted who like it in the end
    assert await likes(api.anonymous, track) == (66, False)
    assert len(await api.world.documents("likes")) == 66


async def test_only_what_one_may_see_by_its_id_is_liked(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    private = await add_track(api.world, ada.caller, "Private")
    unlisted = await share(api, ada, (await add_track(api.world, ada.caller, "Secret")).id, Visibility.UNLISTED)
    assert await secret_of(api, unlisted)
    before = await api.contents()
    for track in (private, unlisted):
        assert (await call(bob.client, LIKE, track))["code"] == "NOT_FOUND"
        assert (await call(api.anonymous, LIKE, track))["code"] == "UNAUTHENTICATED"
        assert (await call(api.anonymous, UNLIKE, track))["code"] == "UNAUTHENTICATED"
        assert (await call(bob.client, UNLIKE, track)) == {"__typename": "UnlikeTrackSuccess", "track": None}
    assert await api.contents() == before
    # but one's own may be
    assert (await call(ada.client, LIKE, private))["track"] == {"likeCount": 1, "viewerHasLiked": True}
    assert await liked(ada) == ["Private"]


async def test_liked_tracks_come_latest_first_and_what_is_closed_leaves_no_hole(api: Api) -> None:
    # given seven tracks of Ada's that Bob likes
    ada, bob = await artist(api), await api.person("Bob")
    tracks = [await share(api, ada, (await add_track(api.world, ada.caller, f"Song {n}")).id) for n in range(7)]
    for track in tracks:
        await call(bob.client, LIKE, track)
        api.world.clock.advance(1)
    # again gives no other place
    await call(bob.client, LIKE, tracks[0])
    # when some are closed, trashed, or liked by nobody any more
    for number in (4, 3):
        await share(api, ada, tracks[number].id, Visibility.PRIVATE)
    await api.world.get(TrackTrash).trash(ada.caller, tracks[1].id)
    assert (await call(bob.client, UNLIKE, tracks[3]))["track"] is None
    # then pages go on behind what is not shown
    pages: list[list[str]] = []
    after, has_next = None, True
    while has_next:
        page = (await bob.client.data(LIKED, first=2, after=after))["likedTracks"]
        pages.append([edge["node"]["track"]["title"] for edge in page["edges"]])
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert pages == [["Song 6", "Song 5"], ["Song 2"], ["Song 0"]]
    # and what is opened again is where it was
    await share(api, ada, tracks[4].id)
    await api.world.get(TrackTrash).restore(ada.caller, tracks[1].id)
    assert await liked(bob) == [f"Song {number}" for number in (6, 5, 4, 2, 1, 0)]


async def test_a_page_of_nothing_but_closed_tracks_can_be_gone_on_from(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    tracks = [await share(api, ada, (await add_track(api.world, ada.caller, f"Song {n}")).id) for n in range(3)]
    for track in tracks:
        await call(bob.client, LIKE, track)
    for track in tracks[1:]:
        await share(api, ada, track.id, Visibility.PRIVATE)
    page = (await bob.client.data(LIKED, first=2))["likedTracks"]
    assert page == {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": page["pageInfo"]["endCursor"]}}
    page = (await bob.client.data(LIKED, first=2, after=page["pageInfo"]["endCursor"]))["likedTracks"]
    assert [edge["node"]["track"] for edge in page["edges"]] == [{"title": "Song 0", "isMine": False}]


async def test_a_list_with_counts_and_hearts_takes_a_bounded_number_of_queries(api: Api, commands: CommandLog) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    for number in range(30):
        track = await share(api, ada, (await add_track(api.world, ada.caller, f"Song {number}")).id)
        await call(bob.client, LIKE, track)
    await count(api)
    query = "{ likedTracks(first: 30) { edges { node { track { title likeCount viewerHasLiked playCount } } } } }"
    with commands.listening() as ran:
        edges = (await bob.client.data(query))["likedTracks"]["edges"]
    assert [edge["node"]["track"]["likeCount"] for edge in edges] == [1] * 30
    # the page, the viewer's own and the public ones; then counts, and the viewer's own likes
    assert sorted(ran) == [
        "find like_counts",
        "find likes",
        "find likes",
        "find play_counts",
        "find tracks",
        "find tracks",
    ]


async def test_likes_go_with_the_track_once_it_is_deleted_for_good(api: Api) -> None:
    ada, track = await a_public_track(api)
    bob = await api.person("Bob")
    await call(bob.client, LIKE, track)
    await count(api)
    trash = api.world.get(TrackTrash)
    await trash.trash(ada.caller, track.id)
    await trash.delete_forever(ada.caller, track.id)
    await api.world.get(TrashJanitor).sweep()
    assert (await api.world.documents("likes"), await api.world.documents("like_counts")) == ([], [])


async def test_people_take_their_likes_along_and_out_of_the_counts(api: Api) -> None:
    # given a track of Ada's that three like, one of whom is not counted yet, and a track of Bob's that Ada likes
    ada, track = await a_public_track(api)
    people = [await api.person(name) for name in ("Bob", "Carol", "Dan")]
    for person in people[:2]:
        await call(person.client, LIKE, track)
    await count(api)
    await call(people[2].client, LIKE, track)
    personal = api.world.get(LikePersonalData)
    bob, carol, dan = (person.caller.require() for person in people)
    (line,) = (await personal.export(bob, timedelta(hours=1)))["likes"]
    assert line["track_id"] == track.id
    # when two of them are forgotten, one of them again
    for gone in (bob, dan, bob):
        await personal.erase(Erasure(gone, "somebody"))
    # then one is left in the count, and nothing of the others
    assert await likes(api.anonymous, track) == (1, False)
    assert [like["account_id"] for like in await api.world.documents("likes")] == [carol]
    # and when the owner is forgotten, nothing is left at all
    await personal.erase(Erasure(ada.caller.require(), "nobody"))
    assert (await api.world.documents("likes"), await api.world.documents("like_counts")) == ([], [])
