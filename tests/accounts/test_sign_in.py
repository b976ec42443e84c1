"""Signing in: throttling, sameness for unknown accounts, and hashes that keep up with their parameters."""

from itertools import pairwise

import pytest
from argon2 import PasswordHasher as Argon2

from adapters.argon2_hasher import Argon2Hasher
from domain.accounts.errors import TooManyAttempts, WrongCredentials
from domain.accounts.model import PERMISSIONS, Permission, Role
from domain.accounts.service import AccountService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import PURPOSE, SignInService
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.throttling import ThrottlePolicy, buckets
from domain.kit.caller import Caller, Client, Credential
from domain.kit.errors import DomainError, Forbidden, NotFound, Unauthenticated
from domain.kit.ids import new_id
from domain.kit.trust.addresses import network_of
from domain.kit.trust.credentials import PasswordHasher
from domain.mail.service import MailOutbox
from tests.graphql.commands import CommandLog
from tests.graphql.harness import PASSWORD, Api
from tests.world import World

SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on Problem { code message }
    ... on TooManyAttempts { retryAfterSeconds }
  }
}
"""
HOME = Client("192.0.2.7", "Laptop/1.0")


@pytest.fixture
def signing_in(commands: CommandLog, world: World) -> SignInService:
    return world.get(SignInService)


async def registered(world: World, email: str = "ada@cadenza.example") -> str:
    account_id = (await world.get(AccountService).sign_up(email, PASSWORD, "Ada")).account.id
    await world.get(MailOutbox).settle()
    return account_id


async def kinds(world: World) -> list[str]:
    return [event["kind"] for event in await world.documents("security_events")]


@pytest.mark.parametrize("email", ["ada@cadenza.example", "nobody@cadenza.example"], ids=["known", "unknown"])
async def test_guessing_at_one_account_is_slowed_down_whether_or_not_it_exists(
    world: World, signing_in: SignInService, email: str
) -> None:
    await registered(world)
    for number in range(10):
        with pytest.raises(WrongCredentials):
            await signing_in.sign_in(email, "a wrong password", Client(f"192.0.2.{number}"))
    # when the eleventh comes, from somewhere else, and even with the right password
    with pytest.raises(TooManyAttempts) as refused:
        await signing_in.sign_in(email, PASSWORD, Client("198.51.100.1"))
    assert 55 <= refused.value.retry_after_seconds <= 60
    # then a minute later there is one more
    world.clock.advance(60)
    with pytest.raises(WrongCredentials):
        await signing_in.sign_in(email, "a wrong password", Client("198.51.100.1"))
    with pytest.raises(TooManyAttempts):
        await signing_in.sign_in(email, PASSWORD)
    # and the log tells it once
    assert (await kinds(world)).count("ATTEMPTS_THROTTLED") == 1
    assert (await kinds(world)).count("SIGN_IN_FAILED") == 11


async def test_guessing_from_one_address_is_slowed_down(world: World, signing_in: SignInService) -> None:
    # given a hundred attempts at as many accounts
    for number in range(100):
        await world.get(Attempts).count(PURPOSE, f"{number}@x.example", HOME)
    with pytest.raises(TooManyAttempts) as refused:
        await signing_in.sign_in("another@x.example", "guess guess", HOME)
    assert 1 <= refused.value.retry_after_seconds <= 6
    # while others are let in
    account_id = await registered(world)
    session = await signing_in.sign_in("ada@cadenza.example", PASSWORD, Client("192.0.2.8"))
    assert session.account.id == account_id


async def test_a_right_password_costs_no_attempt(world: World, signing_in: SignInService) -> None:
    await registered(world)
    for _ in range(12):
        await signing_in.sign_in("ada@cadenza.example", PASSWORD, HOME)
    assert (await kinds(world)).count("SIGNED_IN") == 12


def signing_in_with(world: World, hasher: PasswordHasher) -> SignInService:
    return SignInService(
        AccountStore(),
        hasher,
        world.kit.signer,
        world.get(SessionService),
        world.get(SecondFactorService),
        world.get(Attempts),
        world.get(SecurityLog),
        world.clock,
    )


class CountingHasher:
    """Says how often it worked."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self.work = 0

    async def hash(self, password: str) -> str:
        self.work += 1
        return await self._hasher.hash(password)

    async def verify(self, hashed: str, password: str) -> bool:
        self.work += 1
        return await self._hasher.verify(hashed, password)

    def is_outdated(self, hashed: str) -> bool:
        return self._hasher.is_outdated(hashed)


@pytest.mark.parametrize("email", ["ada@cadenza.example", "nobody@x.example"], ids=["known", "unknown"])
async def test_a_wrong_attempt_costs_the_same_work_whether_or_not_the_account_exists(
    commands: CommandLog, world: World, email: str
) -> None:
    await registered(world)
    hasher = CountingHasher(world.kit.hasher)
    signing_in = signing_in_with(world, hasher)
    with commands.listening() as sent, pytest.raises(WrongCredentials):
        await signing_in.sign_in(email, "a wrong password", HOME)
    assert hasher.work == 1
    assert sent == ["find accounts", "insert security_events"]


async def test_an_account_without_a_password_is_not_signed_in_to_with_one(
    world: World, signing_in: SignInService
) -> None:
    account_id = await registered(world)
    accounts = world.client[world.database]["accounts"]
    await accounts.update_one({"_id": account_id}, {"$set": {"password_hash": None}})
    for password in (PASSWORD, ""):
        with pytest.raises(WrongCredentials):
            await signing_in.sign_in("ada@cadenza.example", password, HOME)


async def test_a_hash_with_old_parameters_is_made_anew_at_the_next_sign_in(world: World) -> None:
    hasher = Argon2Hasher()
    account_id, signing_in = await registered(world), signing_in_with(world, hasher)
    weak = Argon2(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await world.client[world.database]["accounts"].update_one({"_id": account_id}, {"$set": {"password_hash": weak}})
    # a wrong password changes nothing
    with pytest.raises(WrongCredentials):
        await signing_in.sign_in("ada@cadenza.example", "a wrong password", HOME)
    assert (await world.documents("accounts"))[0]["password_hash"] == weak
    # the right one does, once
    await signing_in.sign_in("ada@cadenza.example", PASSWORD, HOME)
    fresh = (await world.documents("accounts"))[0]["password_hash"]
    assert not hasher.is_outdated(fresh)
    await signing_in.sign_in("ada@cadenza.example", PASSWORD, HOME)
    assert (await world.documents("accounts"))[0]["password_hash"] == fresh


async def test_the_api_tells_when_to_try_again(api: Api) -> None:
    ada = await api.person()
    wrong = {"email": ada.email, "password": "a wrong password"}
    for _ in range(10):
        assert (await api.anonymous.data(SIGN_IN, input=wrong))["signIn"]["code"] == "WRONG_CREDENTIALS"
    answer = (await api.anonymous.data(SIGN_IN, input=wrong))["signIn"]
    seconds = answer["retryAfterSeconds"]
    assert answer == {
        "__typename": "TooManyAttempts",
        "code": "TOO_MANY_ATTEMPTS",
        "message": f"There were too many attempts. Try again in {seconds} seconds.",
        "retryAfterSeconds": seconds,
    }
    assert 50 <= seconds <= 60


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_address_counts_with_those_of_the_same_customer(address: str, network: str) -> None:
    assert network_of(address) == network


def test_names_of_attempts_hold_no_personal_data() -> None:
    names = buckets(ThrottlePolicy(), "sign-in", "ada@cadenza.example", "192.0.2.7")
    assert len(names) == 2
    assert not any("ada" in name or "192" in name for name in names)
    assert len(buckets(ThrottlePolicy(), "sign-in", "ada@cadenza.example", "")) == 1


def test_each_role_may_do_what_the_one_before_may() -> None:
    roles = [PERMISSIONS[role] for role in Role]
    assert all(one <= other for one, other in pairwise(roles))
    assert PERMISSIONS[Role.LISTENER] == frozenset()
    assert PERMISSIONS[Role.ADMIN] == frozenset(Permission)


@pytest.mark.parametrize("role", list(Role))
async def test_a_permission_is_checked_by_role(world: World, role: Role) -> None:
    account_id = await registered(world)
    accounts = world.get(AccountService)
    await accounts.set_role(" ADA@cadenza.example", role)
    for permission in Permission:
        if permission in PERMISSIONS[role]:
            assert (await accounts.require(Caller(account_id), permission)).role is role
        else:
            with pytest.raises(Forbidden):
                await accounts.require(Caller(account_id), permission)
    assert (await kinds(world))[-1] == "ROLE_CHANGED"


@pytest.mark.parametrize(
    ("caller", "error"),
    [(Caller(None), Unauthenticated), (Caller(new_id()), Unauthenticated)],
    ids=["nobody", "an account that is gone"],
)
async def test_a_permission_needs_an_account(world: World, caller: Caller, error: type[DomainError]) -> None:
    with pytest.raises(error):
        await world.get(AccountService).require(caller, Permission.MODERATE)


async def test_a_key_has_no_permission_even_if_its_owner_has(world: World) -> None:
    account_id = await registered(world)
    await world.get(AccountService).set_role("ada@cadenza.example", Role.ADMIN)
    with pytest.raises(Forbidden):
        await world.get(AccountService).require(
            Caller(account_id, credential=Credential.API_KEY), Permission.TEND_DEAD_LETTERS
        )


async def test_a_role_is_given_to_accounts_that_exist(world: World) -> None:
    with pytest.raises(NotFound):
        await world.get(AccountService).set_role("nobody@x.example", Role.ADMIN)
    assert await world.documents("security_events") == []
