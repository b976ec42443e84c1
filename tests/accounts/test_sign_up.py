"""Signing up tells whether an address is taken, so asking is slow: for one address, and from one network."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from deploy.embedded import Endpoints
from domain.accounts.errors import EmailTaken, TooManyAttempts
from domain.accounts.service import AccountService
from domain.accounts.services.emails import EmailService
from domain.kit.caller import Caller, Client
from domain.kit.errors import ValidationFailed
from tests.graphql.harness import PASSWORD, Api
from tests.world import World, open_world

ADA = "ada@cadenza.example"
HOME, ELSEWHERE = Client("192.0.2.7", "Laptop/1.0"), Client("198.51.100.1", "Laptop/1.0")
SIGN_UP = """
mutation($input: SignUpInput!) {
  signUp(input: $input) { __typename ... on TooManyAttempts { code message retryAfterSeconds } }
}
"""


@pytest.fixture
async def strict(endpoints: Endpoints, tmp_path: Path) -> AsyncGenerator[World, None]:
    """A world that lets three attempts through from one network."""
    settings = {"CADENZA_AUTH_ATTEMPTS_PER_ADDRESS": "3"}
    async with open_world(endpoints.mongo_url, tmp_path, settings=settings) as world:
        yield world


async def sign_up(world: World, email: str, client: Client = HOME) -> Caller:
    session = await world.get(AccountService).sign_up(email, PASSWORD, "Ada", client)
    return Caller(session.account.id, session.id)


async def test_one_network_signs_up_a_few_and_then_one_after_the_other(strict: World) -> None:
    # given three answers to one network, of which one told that an address is taken
    await sign_up(strict, ADA)
    with pytest.raises(EmailTaken):
        await sign_up(strict, ADA)
    await sign_up(strict, "bob@cadenza.example")
    before = await strict.documents("accounts")
    # then it gets no more, for an address that is taken and one that is not
    for email in (ADA, "free@cadenza.example"):
        with pytest.raises(TooManyAttempts) as refused:
            await sign_up(strict, email)
        assert 0 < refused.value.retry_after_seconds <= 6
    assert await strict.documents("accounts") == before
    # and others do, as it does after a while
    await sign_up(strict, "cleo@cadenza.example", ELSEWHERE)
    strict.clock.advance(6)
    await sign_up(strict, "free@cadenza.example")


async def test_what_cannot_be_accepted_asks_for_nothing(strict: World) -> None:
    for _ in range(5):
        with pytest.raises(ValidationFailed):
            await sign_up(strict, "no address")
    await sign_up(strict, ADA)


async def test_moving_an_account_counts_as_the_same_question(strict: World) -> None:
    ada = await sign_up(strict, ADA)
    await sign_up(strict, "bob@cadenza.example")
    emails = strict.get(EmailService)
    with pytest.raises(EmailTaken):
        await emails.ask_for_change(ada, "bob@cadenza.example", PASSWORD, HOME)
    with pytest.raises(TooManyAttempts):
        await emails.ask_for_change(ada, "bob@cadenza.example", PASSWORD, HOME)
    with pytest.raises(TooManyAttempts):
        await sign_up(strict, "free@cadenza.example")
    assert len(await strict.mail_to("bob@cadenza.example")) == 1


async def test_one_address_is_asked_for_ten_times_from_wherever(world: World) -> None:
    await sign_up(world, ADA)
    for number in range(9):
        with pytest.raises(EmailTaken):
            await sign_up(world, f" {ADA.upper()}", Client(f"203.0.113.{number}"))
    with pytest.raises(TooManyAttempts):
        await sign_up(world, ADA, ELSEWHERE)
    # and whose it is sees that somebody has asked
    (account,), events = await world.documents("accounts"), await world.documents("security_events")
    told = [event for event in events if event["kind"] == "ATTEMPTS_THROTTLED"]
    assert [(event["account_id"], event["detail"]) for event in told] == [
        (account["_id"], {"purpose": "address asked"})
    ]


async def test_the_api_says_when_to_try_again(api: Api) -> None:
    given = {"email": ADA, "password": PASSWORD, "displayName": "Ada"}
    answers = [(await api.anonymous.data(SIGN_UP, input=given))["signUp"] for _ in range(11)]
    assert [answer["__typename"] for answer in answers[:10]] == ["SignUpSuccess", *["EmailTaken"] * 9]
    wait = answers[10]["retryAfterSeconds"]
    assert 0 < wait <= 60
    assert answers[10] == {
        "__typename": "TooManyAttempts",
        "code": "TOO_MANY_ATTEMPTS",
        "message": f"There were too many attempts. Try again in {wait} seconds.",
        "retryAfterSeconds": wait,
    }
