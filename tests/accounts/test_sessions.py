"""Sessions: rotation of refresh tokens, what happens to stolen ones, and how fast an ended session is out."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.errors import RefreshRefused
from domain.accounts.refresh_tokens import RefreshTokens
from domain.accounts.service import AccountService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.sessions import Session, SessionPolicy
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.sessions import SessionStore
from domain.kit.caller import Caller, Client, Credential
from domain.kit.errors import DomainError, Forbidden, NotFound, Unauthenticated
from domain.kit.ids import new_id
from domain.kit.trust.credentials import KeyRing
from domain.kit.trust.short_trust import ShortTrust
from tests.world import TurnableClock, World

LAPTOP = Client("192.0.2.7", "Laptop/1.0")
RING = KeyRing.of("a secret of thirty-two characters")


@pytest.fixture
def sessions(world: World) -> SessionService:
    return world.get(SessionService)


async def signed_up(world: World) -> Session:
    return await world.get(AccountService).sign_up(f"{new_id()}@cadenza.example", "a good password", "Ada", LAPTOP)


def another_process(world: World, **policy: timedelta) -> SessionService:
    """The same sessions, seen by a process with a memory of its own."""
    identity = world.kit.identity
    return SessionService(
        store=SessionStore(),
        accounts=AccountStore(),
        tokens=RefreshTokens(identity.keys),
        access=identity.access,
        security=world.get(SecurityLog),
        clock=world.clock,
        policy=SessionPolicy(**policy),
    )


async def kinds(world: World) -> list[str]:
    return [event["kind"] for event in await world.documents("security_events")]


async def test_a_refresh_gives_new_tokens_and_the_session_goes_on(world: World, sessions: SessionService) -> None:
    first = await signed_up(world)
    world.clock.advance(3600)
    second = await sessions.refresh(first.refresh_token)
    assert second.id == first.id
    assert second.account == first.account
    assert second.refresh_token != first.refresh_token
    assert await sessions.caller_of(second.access_token) == Caller(first.account.id, first.id)
    # and the session has lived on, from now
    assert second.refresh_expires_at - first.refresh_expires_at >= timedelta(hours=1)
    (record,) = await world.documents("sessions")
    assert (record["generation"], record["address"], record["user_agent"]) == (1, LAPTOP.address, LAPTOP.user_agent)
    # and no token lies in the database
    for token in (first.refresh_token, second.refresh_token):
        assert token.split(".")[2] not in str(record)


async def test_a_session_that_is_not_used_ends(world: World, sessions: SessionService) -> None:
    first = await signed_up(world)
    world.clock.advance(timedelta(days=30, seconds=1).total_seconds())
    with pytest.raises(RefreshRefused) as refused:
        await sessions.refresh(first.refresh_token)
    assert not refused.value.reused


async def test_a_session_ends_after_ninety_days_however_often_it_is_used(
    world: World, sessions: SessionService
) -> None:
    session = await signed_up(world)
    begun: datetime = (await world.documents("sessions"))[0]["created_at"]
    for _ in range(4):
        world.clock.advance(timedelta(days=22).total_seconds())
        session = await sessions.refresh(session.refresh_token)
    assert session.refresh_expires_at == begun + timedelta(days=90)
    # when its last hour has come, the access token does not outlive it
    world.clock.advance((session.refresh_expires_at - world.clock.now()).total_seconds() - 60)
    session = await sessions.refresh(session.refresh_token)
    assert session.expires_at == begun + timedelta(days=90)
    world.clock.advance(61)
    with pytest.raises(RefreshRefused):
        await sessions.refresh(session.refresh_token)


async def test_twenty_refreshes_at_once_leave_one_live_chain(world: World, sessions: SessionService) -> None:
    first = await signed_up(world)
    many = [another_process(world) for _ in range(20)]
    answers = await asyncio.gather(*(process.refresh(first.refresh_token) for process in many))
    assert len({answer.refresh_token for answer in answers}) == 1
    (record,) = await world.documents("sessions")
    assert record["generation"] == 1
    # and the chain goes on
    assert (await sessions.refresh(answers[0].refresh_token)).id == first.id
    assert "REFRESH_REUSED" not in await kinds(world)


async def test_an_answer_that_got_lost_is_given_again_for_a_moment(world: World, sessions: SessionService) -> None:
    first = await signed_up(world)
    lost = await sessions.refresh(first.refresh_token)
    world.clock.advance(9)
    again = await another_process(world).refresh(first.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert (await sessions.refresh(again.refresh_token)).id == first.id


@pytest.mark.parametrize(("steps", "seconds"), [(1, 11.0), (2, 0.0), (5, 0.0), (5, 86400.0)])
async def test_a_token_that_comes_back_ends_the_whole_family(
    world: World, sessions: SessionService, steps: int, seconds: float
) -> None:
    # given a token that was exchanged, some refreshes ago
    first = await signed_up(world)
    last = first
    for _ in range(steps):
        last = await sessions.refresh(last.refresh_token)
    world.clock.advance(seconds)
    # when somebody shows it again
    with pytest.raises(RefreshRefused) as refused:
        await sessions.refresh(first.refresh_token, LAPTOP)
    # then nobody has this session any more, at once
    assert refused.value.reused
    assert await world.documents("sessions") == []
    with pytest.raises(Unauthenticated):
        await sessions.caller_of(last.access_token)
    with pytest.raises(RefreshRefused):
        await sessions.refresh(last.refresh_token)
    assert (await kinds(world)).count("REFRESH_REUSED") == 1


async def test_without_a_grace_a_refresh_works_and_a_repeat_is_a_reuse(world: World) -> None:
    first = await signed_up(world)
    strict = another_process(world, grace=timedelta(0))
    second = await strict.refresh(first.refresh_token)
    world.clock.advance(0.002)
    with pytest.raises(RefreshRefused):
        await strict.refresh(first.refresh_token)
    with pytest.raises(RefreshRefused):
        await strict.refresh(second.refresh_token)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "",
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "Q"),
        lambda token: token.replace(".0.", ".1."),
        lambda token: f"{new_id()}{token[26:]}",
        lambda token: ".".join([*token.split(".")[:2], "A" * 43, token.split(".")[3]]),
        lambda token: token + "A",
    ],
    ids=["empty", "tag", "generation", "session", "secret", "longer"],
)
async def test_a_forged_refresh_token_changes_nothing(world: World, sessions: SessionService, forge: object) -> None:
    first = await signed_up(world)
    assert callable(forge)
    before = await world.documents("sessions")
    with pytest.raises(RefreshRefused) as refused:
        await sessions.refresh(forge(first.refresh_token))
    assert not refused.value.reused
    assert await world.documents("sessions") == before


@given(st.text(max_size=120))
def test_what_is_no_refresh_token_is_none(text: str) -> None:
    assert RefreshTokens(RING).read(text) is None


def test_a_chain_stays_on_the_secret_that_it_began_with() -> None:
    # given a token from before a rotation of the server's secret
    old = RefreshTokens(KeyRing.of("an older secret of many characters", "old"))
    token = old.first(new_id())
    during = RefreshTokens(
        KeyRing.of("a secret of thirty-two characters", "new", {"old": "an older secret of many characters"})
    )
    # then processes before and during the rotation make the same successor of it
    read = during.read(old.write(token))
    assert read == token
    assert during.successor(token) == old.successor(token)
    # and the end of the old secret is the end of the chain
    assert RefreshTokens(RING).read(old.write(token)) is None


async def test_an_ended_session_is_out_here_at_once_and_elsewhere_within_seconds(
    world: World, sessions: SessionService
) -> None:
    # given a session that another process has just seen
    ada = await signed_up(world)
    elsewhere = another_process(world)
    caller = await elsewhere.caller_of(ada.access_token)
    # when it is ended here
    await sessions.sign_out(caller, LAPTOP)
    with pytest.raises(Unauthenticated, match="ended"):
        await sessions.caller_of(ada.access_token)
    # then the other process finds out by itself
    world.clock.advance(5)
    with pytest.raises(Unauthenticated, match="ended"):
        await elsewhere.caller_of(ada.access_token)
    assert await kinds(world) == ["SIGNED_UP", "SIGNED_OUT"]


async def test_a_person_ends_their_own_sessions_only(world: World, sessions: SessionService) -> None:
    ada, bob = await signed_up(world), await signed_up(world)
    callers = {"ada": Caller(ada.account.id, ada.id), "bob": Caller(bob.account.id, bob.id)}
    assert [record.id for record in await sessions.of_caller(callers["ada"])] == [ada.id]
    assert await sessions.sessions_by_id(callers["ada"], [ada.id, bob.id]) == {
        record.id: record for record in await sessions.of_caller(callers["ada"])
    }
    with pytest.raises(NotFound):
        await sessions.end(callers["bob"], ada.id)
    assert len(await world.documents("sessions")) == 2
    await sessions.end(callers["ada"], ada.id)
    assert [record["_id"] for record in await world.documents("sessions")] == [bob.id]


async def test_signing_out_everywhere_can_spare_this_session(world: World, sessions: SessionService) -> None:
    ada = await signed_up(world)
    others = [await sessions.start(ada.account) for _ in range(3)]
    here = Caller(ada.account.id, ada.id)
    assert await sessions.sign_out_everywhere(here, LAPTOP, spare_this=True) == 3
    for other in others:
        with pytest.raises(Unauthenticated):
            await sessions.caller_of(other.access_token)
    assert await sessions.caller_of(ada.access_token) == here
    assert await sessions.sign_out_everywhere(here, LAPTOP) == 1
    assert await world.documents("sessions") == []


async def test_a_sign_out_by_refresh_token_needs_a_good_one(world: World, sessions: SessionService) -> None:
    ada = await signed_up(world)
    await sessions.sign_out_by_token(ada.refresh_token[:-2] + "AA")
    assert len(await world.documents("sessions")) == 1
    await sessions.sign_out_by_token(ada.refresh_token)
    assert await world.documents("sessions") == []


@pytest.mark.parametrize(
    ("caller", "error"),
    [
        (Caller(None), Unauthenticated),
        (Caller(new_id(), credential=Credential.API_KEY, scopes=frozenset()), Forbidden),
    ],
    ids=["nobody", "a key"],
)
async def test_only_a_person_ends_sessions(
    world: World, sessions: SessionService, caller: Caller, error: type[DomainError]
) -> None:
    ada = await signed_up(world)
    with pytest.raises(error):
        await sessions.end(caller, ada.id)
    with pytest.raises(error):
        await sessions.sign_out(caller)
    with pytest.raises(error):
        await sessions.sign_out_everywhere(caller)
    assert len(await world.documents("sessions")) == 1


def test_short_trust_is_short_and_small() -> None:
    clock = TurnableClock()
    trust: ShortTrust[str] = ShortTrust(clock, timedelta(seconds=5), capacity=2)
    trust.put("a", "1")
    clock.advance(4.9)
    assert trust.get("a") == "1"
    clock.advance(0.2)
    assert trust.get("a") is None
    trust.put("b", "2", not_after=clock.now() + timedelta(seconds=1))
    trust.put("c", "3")
    trust.put("a", "4")
    assert [trust.get(key) for key in "abc"] == ["4", None, "3"]
    trust.put("c", "5", not_after=clock.now() + timedelta(seconds=1))
    clock.advance(2)
    assert [trust.get(key) for key in "ac"] == ["4", None]
    trust.forget(["a", "nobody"])
    assert trust.get("a") is None
