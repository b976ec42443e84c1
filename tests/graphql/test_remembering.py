"""What is told again without being read again, and what makes it be read again."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.accounts.model import Role
from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import UNKNOWN_CLIENT, Scope
from domain.kit.personal_data import Erasure
from domain.library.model import Track
from domain.library.services.moderate import TrackModeration
from domain.library.services.personal_data import LibraryPersonalData
from graphql_api.core.remembering import LONGEST_ANSWER, MOST_ANSWERS, MOST_OWNERS, MOST_SECONDS, RememberedAnswers
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.library.sharers import artist, set_visibility, with_role

TITLES = "query($first: Int) { tracks(first: $first) { edges { node { id title currentVersion { bpm } } } } }"
BEHIND = "written past the application"


async def titles(person: Person, query: str = TITLES, **variables: Any) -> list[str]:
    edges = (await person.client.data(query, **variables))["tracks"]["edges"]
    return [edge["node"]["title"] for edge in edges]


async def write_behind(api: Api, track: Track, title: str = BEHIND) -> None:
    """Shows who reads."""
    tracks = api.world.client[api.world.database]["tracks"]
    await tracks.update_one({"_id": track.id}, {"$set": {"title": title}})


async def do(person: Person, mutation: str, **given: Any) -> None:
    query = (
        f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{ __typename }} }}"
    )
    (answer,) = (await person.client.data(query, input=given)).values()
    assert answer["__typename"].endswith("Success")


async def test_a_list_is_told_again_without_being_read(api: Api) -> None:
    # given a list that was asked for
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    assert await titles(ada) == ["Rain"]
    # when it changes in a way that nobody is told of
    await write_behind(api, track)
    # then it is told as it was, over HTTP and WebSocket, and read for another question
    assert await titles(ada) == ["Rain"]
    async with ada.client.socket() as socket:
        (message,) = [message async for message in socket.follow(TITLES, {})]
    assert [edge["node"]["title"] for edge in message["data"]["tracks"]["edges"]] == ["Rain"]
    assert await titles(ada, first=5) == [BEHIND]
    assert await titles(ada, "{ tracks { edges { node { title } } } }") == [BEHIND]


Write = Callable[[Api, Person, Track], Awaitable[object]]


async def edit(api: Api, person: Person, track: Track) -> None:
    await do(person, "updateTrack", trackId=to_base64("Track", track.id), expectedRevision=1, genre="jazz")


async def take_down(api: Api, person: Person, track: Track) -> None:
    await set_visibility(person, track, "PUBLIC")
    assert await titles(person) == [BEHIND]
    await write_behind(api, track, "reported")
    assert await titles(person) == [BEHIND]
    moderator = await with_role(api, "Mod", Role.MODERATOR)
    await api.world.get(TrackModeration).take_down(moderator.caller, UNKNOWN_CLIENT, track.id, "reported")


async def restore(api: Api, person: Person, track: Track) -> None:
    await do(person, "trashTrack", trackId=to_base64("Track", track.id))
    assert await titles(person) == []
    await write_behind(api, track)
    await do(person, "restoreTrack", trackId=to_base64("Track", track.id))


WRITES: dict[str, tuple[Write, list[str]]] = {
    "edited": (edit, [BEHIND]),
    "trashed": (lambda a, p, t: do(p, "trashTrack", trackId=to_base64("Track", t.id)), []),
    "restored": (restore, [BEHIND]),
    "branched": (
        lambda a, p, t: do(p, "branchTrack", versionId=to_base64("Version", t.current_version_id), title="Sleet"),
        ["Sleet", BEHIND],
    ),
    "added to": (lambda a, p, t: add_track(a.world, p.caller, "Snow"), ["Snow", BEHIND]),
    "opened": (lambda a, p, t: set_visibility(p, t, "PUBLIC"), [BEHIND]),
    "taken down": (take_down, ["reported"]),
    "erased": (lambda a, p, t: a.world.get(LibraryPersonalData).erase(Erasure(p.caller.require(), "gone")), []),
}


@pytest.mark.parametrize("name", WRITES)
async def test_each_kind_of_write_is_seen_at_once(api: Api, name: str) -> None:
    # given a list that is remembered
    ada = await artist(api)
    track = await add_track(api.world, ada.caller, "Rain")
    assert await titles(ada) == ["Rain"]
    await write_behind(api, track)
    assert await titles(ada) == ["Rain"]
    # when its library is written to, then it is read again
    write, seen = WRITES[name]
    await write(api, ada, track)
    assert await titles(ada) == seen


async def test_what_others_do_changes_nothing_and_what_others_have_is_not_told_to_them(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    track = await add_track(api.world, ada.caller, "Rain")
    assert (await titles(ada), await titles(bob)) == (["Rain"], [])
    await write_behind(api, track)
    await add_track(api.world, bob.caller, "Hail")
    assert (await titles(ada), await titles(bob)) == (["Rain"], ["Hail"])


async def test_a_key_is_told_nothing_that_it_may_not_see(api: Api) -> None:
    # given what a session has been told
    ada = await api.person()
    await add_track(api.world, ada.caller, "Rain")
    assert await titles(ada) == ["Rain"]
    # when a key of the same person asks that has another scope, then it is refused as ever
    _, text = await api.world.get(ApiKeyService).create(ada.caller, "jobs", [Scope.JOBS])
    error = await api.anonymous.with_token(text).error(TITLES)
    assert error["code"] == "FORBIDDEN"


async def test_a_key_that_is_none_is_refused_as_ever(api: Api) -> None:
    error = await api.anonymous.with_token("cdz_no_such_key").error(TITLES)
    assert error["code"] == "UNAUTHENTICATED"
    assert (await api.anonymous.error(TITLES))["code"] == "UNAUTHENTICATED"


async def test_what_a_resolver_adds_is_read_each_time(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    query = "{ tracks { edges { node { title likeCount } } } }"
    assert await titles(ada, query) == ["Rain"]
    await write_behind(api, track)
    assert await titles(ada, query) == [BEHIND]


async def test_errors_are_not_remembered(api: Api) -> None:
    # given a list of which a part cannot be read
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    await write_behind(api, track, title=None)  # type: ignore[arg-type]
    assert (await ada.client.error(TITLES))["message"]
    # when it can be read again, then it is
    await write_behind(api, track)
    assert await titles(ada) == [BEHIND]


async def test_who_does_not_hear_of_changes_remembers_nothing(api: Api) -> None:
    # given an application that has just lost what tells it of changes
    ada = await api.person()
    track = await add_track(api.world, ada.caller, "Rain")
    assert await titles(ada) == ["Rain"]
    (hearer,) = api.world.changes.hearers
    hearer.deaf()
    # when something changes, then it is read, each time
    await write_behind(api, track)
    assert await titles(ada) == [BEHIND]
    await write_behind(api, track, "again")
    assert await titles(ada) == ["again"]


def hearing(most_bytes: int, now: Callable[[], float] = lambda: 0.0) -> RememberedAnswers:
    answers = RememberedAnswers(most_bytes, now)
    answers.hearing()
    return answers


def kept(answers: RememberedAnswers, owner: str, key: str = "query", length: int = 10) -> bool:
    """Whether an answer that is put there is found again."""
    shelf = answers.shelf(owner)
    assert shelf is not None
    answers.keep(shelf, key, b"x" * length)
    return known(answers, owner, key)


def known(answers: RememberedAnswers, owner: str, key: str = "query") -> bool:
    shelf = answers.shelf(owner)
    return shelf is not None and shelf.find(key) is not None


def test_an_answer_that_was_read_before_a_change_is_not_kept_behind_it() -> None:
    answers = hearing(1000)
    shelf = answers.shelf("ada")
    assert shelf is not None
    answers.changed("ada")
    answers.keep(shelf, "query", b"old")
    assert not known(answers, "ada")


def test_an_answer_is_told_for_a_while_only() -> None:
    now = [0.0]
    answers = hearing(1000, lambda: now[0])
    assert kept(answers, "ada")
    now[0] = MOST_SECONDS - 0.1
    assert known(answers, "ada")
    now[0] = MOST_SECONDS
    assert not known(answers, "ada")


def test_those_who_asked_longest_ago_make_room() -> None:
    answers = hearing(25)
    assert kept(answers, "ada")
    assert kept(answers, "bob")
    assert known(answers, "ada")
    assert kept(answers, "eve")
    assert (known(answers, "ada"), known(answers, "bob"), known(answers, "eve")) == (True, False, True)


def test_one_owner_and_one_answer_have_their_bounds() -> None:
    answers = hearing(10**9)
    assert not kept(answers, "ada", length=LONGEST_ANSWER + 1)
    for number in range(MOST_ANSWERS + 1):
        assert kept(answers, "ada", str(number))
    assert not known(answers, "ada", "0")
    assert known(answers, "ada", "1")


def test_owners_who_were_told_nothing_make_room_too() -> None:
    answers = hearing(10**9)
    assert kept(answers, "ada")
    for number in range(MOST_OWNERS):
        answers.shelf(str(number))
    assert not known(answers, "ada")


def test_without_memory_nothing_is_remembered() -> None:
    assert hearing(0).shelf("ada") is None
