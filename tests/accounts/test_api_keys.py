"""API keys: their form, what they may do, and how they end."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.api_keys import FORM, MAX_KEYS
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.stores.api_keys import ApiKeyStore
from domain.credits.services.wallets import CreditWallets
from domain.generation.model import GenerationRequest
from domain.generation.services.request import GenerationRequests
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.follow_all import JobFeed
from domain.kit.caller import Caller, Credential, Scope
from domain.kit.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import PageRequest
from domain.kit.trust.authentication import Authentication
from domain.library.editing import TrackChanges
from domain.library.listing import NEWEST_FIRST
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from domain.library.services.trash import TrackTrash
from domain.library.trash import LATEST_FIRST
from domain.payments.gateway import PortalPage
from domain.payments.services.sell import PaymentSales
from domain.playback.services.playback import PlaybackService
from domain.webhooks.services.look_back import WebhookHistory
from domain.webhooks.services.manage import EndpointChanges, WebhookEndpoints
from tests.graphql.harness import Api
from tests.world import World

CREATE = """
mutation($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    __typename
    ... on CreateApiKeySuccess { secret apiKey { id name prefix scopes createdAt expiresAt lastUsedAt } }
    ... on Problem { code message }
    ... on ValidationFailed { issues { path message } }
  }
}
"""
REVOKE = "mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on Problem { code } } }"
KEYS = "{ apiKeys { id name prefix scopes lastUsedAt } }"
NODE = "query($id: ID!) { node(id: $id) { id } }"
VIEWER = "{ viewer { email } }"
TRACKS = "{ tracks(first: 1) { edges { node { id } } } }"
REFUSED = "This API key is not valid, has expired or was revoked."

PAGE = PageRequest(1)
NO_CHANGES = EndpointChanges()
WISH = GenerationRequest(prompt="calm piano", duration_seconds=6.0)


@pytest.fixture
def keys(world: World) -> ApiKeyService:
    return world.get(ApiKeyService)


def test_a_key_is_recognised_by_its_mark_and_its_checksum() -> None:
    key = FORM.new()
    assert key.startswith("cdz_live_")
    assert len(key) == 9 + 8 + 1 + 43 + 6
    assert FORM.prefix_of(key) == key[9:17]
    changed = key[:20] + ("a" if key[20] != "a" else "b") + key[21:]
    for forged in (changed, key[:-1], key + "0", key.replace("live", "test"), key.replace("_", "-"), ""):
        assert FORM.prefix_of(forged) is None


def test_no_two_keys_are_the_same() -> None:
    assert len({FORM.new() for _ in range(200)}) == 200


@given(st.text(max_size=90))
def test_what_is_no_key_is_none(text: str) -> None:
    assert FORM.prefix_of(text) is None


async def test_a_key_stands_for_its_owner_within_its_scopes(world: World, keys: ApiKeyService) -> None:
    ada = await world.person()
    key, text = await keys.create(ada, " My server ", [Scope.JOBS, Scope.GENERATE])
    caller = await world.get(Authentication).caller_of(text)
    assert caller == Caller(ada.require(), None, frozenset({Scope.JOBS, Scope.GENERATE}), Credential.API_KEY, key.id)
    assert (key.name, key.prefix) == ("My server", text[9:17])
    # and only its hash is kept
    (document,) = await world.documents("api_keys")
    assert text not in str(document)
    assert text[18:] not in str(document)
    assert len(document["key_hash"]) == 64


async def test_a_key_that_is_not_right_is_nobody(world: World, keys: ApiKeyService) -> None:
    ada = await world.person()
    _, text = await keys.create(ada, "Mine", [Scope.JOBS])
    # given a well-formed key with the prefix of a real one
    other = FORM.new()
    while FORM.prefix_of(forged := f"cdz_live_{text[9:17]}_{other[18:]}") is not None:
        other = FORM.new()
    for wrong in (forged, other, text[:-1], "cdz_live_"):
        with pytest.raises(Unauthenticated, match="not valid"):
            await world.get(Authentication).caller_of(wrong)


async def test_a_key_ends_with_its_time(world: World, keys: ApiKeyService) -> None:
    ada = await world.person()
    expires_at = world.clock.now() + timedelta(seconds=10)
    _, text = await keys.create(ada, "Mine", [Scope.JOBS], expires_at)
    await keys.caller_of(text)
    world.clock.advance(10)
    with pytest.raises(Unauthenticated):
        await keys.caller_of(text)
    # and its owner still sees which one it was
    assert [key.expires_at for key in await keys.keys(ada)] == [expires_at]


async def test_a_revoked_key_is_out_here_at_once_and_elsewhere_within_seconds(
    world: World, keys: ApiKeyService
) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    key, text = await keys.create(ada, "Mine", [Scope.JOBS])
    elsewhere = ApiKeyService(ApiKeyStore(), world.get(SecurityLog), world.clock, timedelta(seconds=5))
    await keys.caller_of(text)
    await elsewhere.caller_of(text)
    with pytest.raises(NotFound):
        await keys.revoke(bob, key.id)
    await keys.revoke(ada, key.id)
    with pytest.raises(Unauthenticated):
        await keys.caller_of(text)
    world.clock.advance(5)
    with pytest.raises(Unauthenticated):
        await elsewhere.caller_of(text)
    assert await world.documents("api_keys") == []


async def test_the_last_use_is_noted_every_few_minutes(world: World, keys: ApiKeyService) -> None:
    ada = await world.person()
    _, text = await keys.create(ada, "Mine", [Scope.JOBS])
    assert (await keys.keys(ada))[0].last_used_at is None
    used = []
    for _ in range(4):
        await keys.caller_of(text)
        used.append((await keys.keys(ada))[0].last_used_at)
        world.clock.advance(120)
    assert used[0] is not None
    assert used[0] == used[1] == used[2] != used[3]


@pytest.mark.parametrize(
    ("fields", "path"),
    [({"name": " "}, "name"), ({"name": "n" * 81}, "name"), ({"scopes": []}, "scopes")],
    ids=["no name", "long name", "no scope"],
)
async def test_a_key_that_cannot_be_made_says_why(
    world: World, keys: ApiKeyService, fields: Mapping[str, Any], path: str
) -> None:
    ada = await world.person()
    with pytest.raises(ValidationFailed) as refused:
        await keys.create(ada, **{"name": "Mine", "scopes": [Scope.JOBS], **fields})
    assert [issue.path for issue in refused.value.issues] == [path]
    with pytest.raises(ValidationFailed):
        await keys.create(ada, "Mine", [Scope.JOBS], world.clock.now())
    with pytest.raises(ValidationFailed):
        await keys.create(ada, "Mine", [Scope.JOBS], (world.clock.now() + timedelta(days=1)).replace(tzinfo=None))
    assert await world.documents("api_keys") == []


async def test_a_person_has_a_limited_number_of_keys(world: World, keys: ApiKeyService) -> None:
    ada = await world.person()
    for number in range(MAX_KEYS):
        await keys.create(ada, f"Key {number}", [Scope.JOBS])
    with pytest.raises(ValidationFailed):
        await keys.create(ada, "One more", [Scope.JOBS])


SomeCall = Callable[[World, Caller], Awaitable[object]]


async def first_of_feed(world: World, caller: Caller) -> object:
    stream = world.get(JobFeed).watch(caller)
    try:
        return await anext(stream)
    finally:
        await stream.aclose()


async def first_of_job(world: World, caller: Caller) -> object:
    return [event async for event in world.get(JobFollowing).watch(caller, new_id())]


# Every service method that takes a caller, and the scopes of which one is needed.
TABLE: list[tuple[str, set[Scope], SomeCall]] = [
    ("generate", {Scope.GENERATE}, lambda w, c: w.get(GenerationRequests).generate(c, WISH)),
    ("quote", {Scope.GENERATE}, lambda w, c: w.get(GenerationRequests).quote(c, WISH)),
    ("generations", {Scope.GENERATE, Scope.JOBS}, lambda w, c: w.get(GenerationRequests).by_job(c, [])),
    ("job", {Scope.JOBS}, lambda w, c: w.get(JobFollowing).get(c, new_id())),
    ("jobs", {Scope.JOBS}, lambda w, c: w.get(JobFollowing).page(c, PAGE)),
    ("jobs by id", {Scope.JOBS}, lambda w, c: w.get(JobFollowing).jobs_by_id(c, [])),
    ("cancel", {Scope.JOBS}, lambda w, c: w.get(JobFollowing).cancel(c, new_id())),
    ("watch", {Scope.JOBS}, first_of_job),
    ("retry", {Scope.JOBS}, lambda w, c: w.get(JobDriving).retry(c, new_id())),
    ("track", {Scope.LIBRARY}, lambda w, c: w.get(LibraryService).track(c, new_id())),
    ("tracks", {Scope.LIBRARY}, lambda w, c: w.get(LibraryService).tracks(c, SortedPageRequest(NEWEST_FIRST))),
    ("tracks by id", {Scope.LIBRARY}, lambda w, c: w.get(LibraryService).tracks_by_id(c, [])),
    ("versions", {Scope.LIBRARY}, lambda w, c: w.get(LibraryService).versions(c, [], PAGE)),
    ("versions by id", {Scope.LIBRARY}, lambda w, c: w.get(LibraryService).versions_by_id(c, [])),
    ("update", {Scope.LIBRARY}, lambda w, c: w.get(TrackEditing).update(c, new_id(), 1, TrackChanges())),
    ("current", {Scope.LIBRARY}, lambda w, c: w.get(TrackEditing).set_current_version(c, new_id(), new_id(), 1)),
    ("trash", {Scope.LIBRARY}, lambda w, c: w.get(TrackTrash).trash(c, new_id())),
    ("restore", {Scope.LIBRARY}, lambda w, c: w.get(TrackTrash).restore(c, new_id())),
    ("delete", {Scope.LIBRARY}, lambda w, c: w.get(TrackTrash).delete_forever(c, new_id())),
    ("look into the trash", {Scope.LIBRARY}, lambda w, c: w.get(TrackTrash).page(c, SortedPageRequest(LATEST_FIRST))),
    ("playback", {Scope.LIBRARY}, lambda w, c: w.get(PlaybackService).playback(c, new_id())),
    ("credits", {Scope.CREDITS}, lambda w, c: w.get(CreditWallets).balance(c)),
    ("credit history", {Scope.CREDITS}, lambda w, c: w.get(CreditWallets).history(c, PAGE)),
    ("transfers", {Scope.CREDITS}, lambda w, c: w.get(CreditWallets).transfers_by_id(c, [])),
    ("orders", {Scope.CREDITS}, lambda w, c: w.get(PaymentSales).orders(c, PAGE)),
    ("viewer", {Scope.ACCOUNT_READ}, lambda w, c: w.get(AccountService).viewer(c)),
    ("sessions", {Scope.ACCOUNT_READ}, lambda w, c: w.get(SessionService).of_caller(c)),
    ("security events", {Scope.ACCOUNT_READ}, lambda w, c: w.get(SecurityLog).events(c, PAGE)),
    ("endpoints", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookEndpoints).page(c, PAGE)),
    ("endpoints by id", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookEndpoints).by_ids(c, [])),
    ("create an endpoint", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookEndpoints).create(c, "", [], "", None)),
    ("update an endpoint", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookEndpoints).update(c, new_id(), NO_CHANGES)),
    ("delete an endpoint", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookEndpoints).delete(c, new_id())),
    ("rotate a secret", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookEndpoints).rotate(c, new_id())),
    ("deliveries", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookHistory).page(c, new_id(), None, PAGE)),
    ("deliveries by id", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookHistory).by_ids(c, [])),
    ("test an endpoint", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookHistory).send_test(c, new_id())),
    ("send again", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookHistory).redeliver(c, new_id())),
    ("replay", {Scope.WEBHOOKS}, lambda w, c: w.get(WebhookHistory).replay(c, new_id(), w.clock.now())),
    ("buy", set(), lambda w, c: w.get(PaymentSales).buy_credits(c, "nothing", None)),
    ("subscribe", set(), lambda w, c: w.get(PaymentSales).subscribe(c, "creator", None)),
    ("billing portal", set(), lambda w, c: w.get(PaymentSales).portal_url(c, next(iter(PortalPage)))),
    ("dead letters", set(), lambda w, c: w.get(JobDriving).dead(c, PAGE)),
    ("redrive", set(), lambda w, c: w.get(JobDriving).redrive(c, new_id())),
    ("keys", set(), lambda w, c: w.get(ApiKeyService).keys(c)),
    ("keys by id", set(), lambda w, c: w.get(ApiKeyService).keys_by_id(c, [])),
    ("create a key", set(), lambda w, c: w.get(ApiKeyService).create(c, "Mine", list(Scope))),
    ("revoke a key", set(), lambda w, c: w.get(ApiKeyService).revoke(c, new_id())),
    ("end a session", set(), lambda w, c: w.get(SessionService).end(c, new_id())),
    ("sign out", set(), lambda w, c: w.get(SessionService).sign_out(c)),
    ("sign out everywhere", set(), lambda w, c: w.get(SessionService).sign_out_everywhere(c)),
]


async def is_forbidden(call: SomeCall, world: World, caller: Caller) -> bool:
    try:
        await call(world, caller)
    except Forbidden:
        return True
    except (NotFound, ValidationFailed):
        return False
    return False


def robot_of(person: Caller, *scopes: Scope) -> Caller:
    return Caller(person.require(), scopes=frozenset(scopes), credential=Credential.API_KEY)


async def test_each_service_asks_for_its_scope(world: World) -> None:
    ada = await world.person()
    found = {
        name: {scope for scope in Scope if not await is_forbidden(call, world, robot_of(ada, scope))}
        for name, _, call in TABLE
    }
    assert found == {name: needed for name, needed, _ in TABLE}
    # and what no scope opens, all of them do not open
    closed = {name for name, _, call in TABLE if await is_forbidden(call, world, robot_of(ada, *Scope))}
    assert closed == {name for name, needed, _ in TABLE if not needed}


async def test_the_feed_of_jobs_asks_for_its_scope(world: World) -> None:
    ada = await world.person()
    with pytest.raises(Forbidden, match="JOBS"):
        await first_of_feed(world, Caller(ada.require(), scopes=frozenset({Scope.CREDITS})))
    await world.ask(ada)
    await first_of_feed(world, Caller(ada.require(), scopes=frozenset({Scope.JOBS})))


async def test_a_key_is_shown_once_and_works_over_the_api(api: Api) -> None:
    ada = await api.person()
    wanted = {"name": "Robot", "scopes": ["LIBRARY", "ACCOUNT_READ"]}
    made = (await ada.client.data(CREATE, input=wanted))["createApiKey"]
    key, secret = made["apiKey"], made["secret"]
    assert (key["name"], key["prefix"], key["lastUsedAt"]) == ("Robot", secret[9:17], None)
    assert key["scopes"] == ["LIBRARY", "ACCOUNT_READ"]
    robot = api.anonymous.with_token(secret)
    assert (await robot.data(VIEWER))["viewer"]["email"] == ada.email
    assert await robot.data(TRACKS) == {"tracks": {"edges": []}}
    # and its owner sees that it was used, and not the key
    (listed,) = (await ada.client.data(KEYS))["apiKeys"]
    assert listed["lastUsedAt"] is not None
    assert secret not in str(listed)
    assert (await ada.client.data(NODE, id=listed["id"])) == {"node": {"id": listed["id"]}}


async def test_a_key_lacking_a_scope_is_told_which(api: Api) -> None:
    ada = await api.person()
    made = (await ada.client.data(CREATE, input={"name": "Robot", "scopes": ["JOBS"]}))["createApiKey"]
    robot = api.anonymous.with_token(made["secret"])
    assert await robot.error(TRACKS) == {
        "code": "FORBIDDEN",
        "message": "This API key lacks the scope LIBRARY. Make one that has it.",
    }
    before = await api.world.documents("api_keys")
    answer = (await robot.data(CREATE, input={"name": "Child", "scopes": ["JOBS"]}))["createApiKey"]
    assert answer == {
        "__typename": "Forbidden",
        "code": "FORBIDDEN",
        "message": "An API key may not do this. Sign in with your password and use that session.",
    }
    assert await api.world.documents("api_keys") == before


async def test_a_revoked_key_is_refused_over_the_api(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    made = (await ada.client.data(CREATE, input={"name": "Robot", "scopes": ["ACCOUNT_READ"]}))["createApiKey"]
    robot, key_id = api.anonymous.with_token(made["secret"]), {"apiKeyId": made["apiKey"]["id"]}
    assert (await bob.client.data(REVOKE, input=key_id))["revokeApiKey"]["code"] == "NOT_FOUND"
    assert (await bob.client.data(NODE, id=made["apiKey"]["id"])) == {"node": None}
    assert (await robot.data(VIEWER))["viewer"]["email"] == ada.email
    assert (await ada.client.data(REVOKE, input=key_id))["revokeApiKey"] == {"__typename": "RevokeApiKeySuccess"}
    assert await robot.error(VIEWER) == {"code": "UNAUTHENTICATED", "message": REFUSED}
