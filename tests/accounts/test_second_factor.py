"""The second factor: RFC 6238 codes, recovery codes, replay, and a sign-in in two halves."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from adapters.jose_box import JoseBox
from domain.accounts import totp
from domain.accounts.errors import (
    SecondFactorConflict,
    SecondFactorRequired,
    TooManyAttempts,
    WrongCode,
    WrongCredentials,
)
from domain.accounts.letters import LetterWriter
from domain.accounts.service import AccountService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sign_in import CHALLENGE_AUDIENCE, SignInService
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.second_factors import SecondFactorStore
from domain.kit.caller import Caller, Client, Credential
from domain.kit.errors import Forbidden
from domain.kit.trust.credentials import KeyRing
from domain.mail.service import MailOutbox
from tests.graphql.harness import PASSWORD, Api
from tests.world import World

ADA = "ada@cadenza.example"
HOME = Client("192.0.2.7", "Laptop/1.0")

ENROL = """
mutation($input: EnrolSecondFactorInput!) {
  enrolSecondFactor(input: $input) {
    __typename ... on EnrolSecondFactorSuccess { secret otpauthUri } ... on Problem { code }
  }
}
"""
CONFIRM = """
mutation($input: ConfirmSecondFactorInput!) {
  confirmSecondFactor(input: $input) {
    __typename ... on ConfirmSecondFactorSuccess { recoveryCodes } ... on Problem { code }
    ... on SecondFactorConflict { isOn }
  }
}
"""
DISABLE = """
mutation($input: DisableSecondFactorInput!) {
  disableSecondFactor(input: $input) { __typename ... on Problem { code } }
}
"""
SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) {
    __typename ... on Problem { code message } ... on SecondFactorRequired { challenge expiresAt }
  }
}
"""
COMPLETE = """
mutation($input: CompleteSignInInput!) {
  completeSignIn(input: $input) {
    __typename ... on CompleteSignInSuccess { session { accessToken viewer { email } } } ... on Problem { code }
  }
}
"""


@pytest.fixture
def factor(world: World) -> SecondFactorService:
    return world.get(SecondFactorService)


async def registered(world: World) -> Caller:
    session = await world.get(AccountService).sign_up(ADA, PASSWORD, "Ada", HOME)
    return Caller(session.account.id, session.id)


def code_now(world: World, secret: str, steps: int = 0) -> str:
    return str(pyotp.TOTP(secret).at(world.clock.now() + timedelta(seconds=30 * steps)))


async def switched_on(world: World, caller: Caller) -> tuple[str, Sequence[str]]:
    """The secret and the recovery codes; the code that switched it on is used up, so time goes on."""
    factor = world.get(SecondFactorService)
    secret, _ = await factor.enrol(caller, PASSWORD, HOME)
    codes = await factor.confirm(caller, code_now(world, secret), HOME)
    world.clock.advance(60)
    return secret, codes


async def challenged(world: World) -> str:
    with pytest.raises(SecondFactorRequired) as required:
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    return required.value.challenge


def test_codes_are_those_of_the_rfc() -> None:
    # given the secret and the times of RFC 6238, appendix B, with codes cut to six digits
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        now = datetime.fromtimestamp(seconds, UTC)
        assert totp.step_of(secret, code, now) == seconds // 30
        assert totp.step_of(secret, f" {code[:3]} {code[3:]} ", now) == seconds // 30
        assert totp.step_of(secret, code, now + timedelta(seconds=30)) == seconds // 30
        assert totp.step_of(secret, code, now + timedelta(seconds=90)) is None
    for wrong in ("", "28708", "2870822", "nonsense", "２８７０８２", "ä"):
        assert totp.step_of(secret, wrong, datetime.fromtimestamp(59, UTC)) is None


def test_recovery_codes_are_ten_and_forgive_how_they_are_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {19}
    assert totp.recovery_hash(codes[0]) == totp.recovery_hash(codes[0].lower().replace("-", " "))
    assert totp.recovery_hash(codes[0]) != totp.recovery_hash(codes[1])


async def test_it_counts_from_the_first_code_on(world: World, factor: SecondFactorService) -> None:
    ada = await registered(world)
    secret, uri = await factor.enrol(ada, PASSWORD, HOME)
    assert uri.startswith("otpauth://totp/Cadenza:ada%40cadenza.example?secret=")
    # given a secret that nobody has confirmed, sign-ins are as before
    await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(WrongCode):
        await factor.confirm(ada, "000000", HOME)
    assert not await factor.is_on(ada.require())
    codes = await factor.confirm(ada, code_now(world, secret), HOME)
    assert await factor.is_on(ada.require())
    assert await factor.recovery_codes_left(ada) == len(codes) == 10
    # and the database has the secret encrypted and the codes hashed
    (document,) = await world.documents("second_factors")
    assert secret not in str(document)
    assert not any(code in str(document) for code in codes)
    assert (await world.mail_to(ADA))[-1].subject == "Your second factor was switched on"


async def test_a_sign_in_needs_both_halves(world: World) -> None:
    ada = await registered(world)
    secret, _ = await switched_on(world, ada)
    before = len(await world.documents("sessions"))
    challenge = await challenged(world)
    assert len(await world.documents("sessions")) == before
    with pytest.raises(WrongCode):
        await world.get(SignInService).complete(challenge, "000000", HOME)
    session = await world.get(SignInService).complete(challenge, code_now(world, secret), HOME)
    assert session.account.id == ada.require()


async def test_a_code_counts_once(world: World) -> None:
    secret, _ = await switched_on(world, await registered(world))
    challenge, code = await challenged(world), code_now(world, secret)
    signing_in = world.get(SignInService)
    answers = await asyncio.gather(
        *(signing_in.complete(challenge, code, HOME) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(answer, WrongCode) for answer in answers) == 4
    # nor may an older code follow a newer one
    with pytest.raises(WrongCode):
        await signing_in.complete(challenge, code_now(world, secret, -1), HOME)
    # while the next one is good
    world.clock.advance(30)
    await signing_in.complete(challenge, code_now(world, secret), HOME)


async def test_a_recovery_code_stands_in_once(world: World, factor: SecondFactorService) -> None:
    ada = await registered(world)
    _, codes = await switched_on(world, ada)
    challenge = await challenged(world)
    await world.get(SignInService).complete(challenge, codes[3].lower(), HOME)
    with pytest.raises(WrongCode):
        await world.get(SignInService).complete(challenge, codes[3], HOME)
    assert await factor.recovery_codes_left(ada) == 9


async def test_guessing_codes_is_slowed_down(world: World) -> None:
    secret, _ = await switched_on(world, await registered(world))
    challenge = await challenged(world)
    for _ in range(10):
        with pytest.raises(WrongCode):
            await world.get(SignInService).complete(challenge, "000000", HOME)
    with pytest.raises(TooManyAttempts):
        await world.get(SignInService).complete(challenge, code_now(world, secret), HOME)


async def test_a_challenge_ends_with_its_time_and_with_the_password(world: World) -> None:
    ada = await registered(world)
    secret, _ = await switched_on(world, ada)
    challenge = await challenged(world)
    account_id, signer = ada.require(), world.kit.signer
    later = world.clock.now() + timedelta(minutes=1)
    forged = [
        signer.sign(CHALLENGE_AUDIENCE, account_id, later),
        signer.sign("cadenza:other", f"{account_id}.0000000000000000", later),
        "nonsense",
    ]
    for bad in forged:
        with pytest.raises(WrongCredentials):
            await world.get(SignInService).complete(bad, code_now(world, secret), HOME)
    await world.get(PasswordService).change(ada, PASSWORD, "a better password", HOME)
    with pytest.raises(WrongCredentials):
        await world.get(SignInService).complete(challenge, code_now(world, secret), HOME)
    with pytest.raises(SecondFactorRequired) as required:
        await world.get(SignInService).sign_in(ADA, "a better password", HOME)
    world.clock.advance(301)
    with pytest.raises(WrongCredentials):
        await world.get(SignInService).complete(required.value.challenge, code_now(world, secret), HOME)


async def test_switching_off_needs_password_and_code(world: World, factor: SecondFactorService) -> None:
    ada = await registered(world)
    with pytest.raises(SecondFactorConflict):
        await factor.disable(ada, PASSWORD, "000000", HOME)
    with pytest.raises(SecondFactorConflict):
        await factor.confirm(ada, "000000", HOME)
    secret, _ = await switched_on(world, ada)
    with pytest.raises(SecondFactorConflict):
        await factor.enrol(ada, PASSWORD, HOME)
    with pytest.raises(WrongCredentials):
        await factor.disable(ada, "a wrong password", code_now(world, secret), HOME)
    with pytest.raises(WrongCode):
        await factor.disable(ada, PASSWORD, "000000", HOME)
    assert await factor.is_on(ada.require())
    await factor.disable(ada, PASSWORD, code_now(world, secret), HOME)
    assert await world.documents("second_factors") == []
    assert (await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)).account.id == ada.require()
    kinds = [event["kind"] for event in await world.documents("security_events")]
    assert [kind for kind in kinds if kind.startswith("SECOND")] == [
        "SECOND_FACTOR_ON",
        "SECOND_FACTOR_FAILED",
        "SECOND_FACTOR_OFF",
    ]


async def test_a_key_cannot_touch_the_second_factor(world: World, factor: SecondFactorService) -> None:
    ada = await registered(world)
    robot = Caller(ada.require(), credential=Credential.API_KEY)
    for attempt in (
        factor.enrol(robot, PASSWORD, HOME),
        factor.confirm(robot, "000000", HOME),
        factor.disable(robot, PASSWORD, "000000", HOME),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert await world.documents("second_factors") == []


async def test_the_whole_way_through_the_api(api: Api) -> None:
    ada = await api.person()
    enrolled = (await ada.client.data(ENROL, input={"password": PASSWORD}))["enrolSecondFactor"]
    code = code_now(api.world, enrolled["secret"])
    confirmed = (await ada.client.data(CONFIRM, input={"code": code}))["confirmSecondFactor"]
    assert len(confirmed["recoveryCodes"]) == 10
    again = (await ada.client.data(CONFIRM, input={"code": code}))["confirmSecondFactor"]
    assert again == {"__typename": "SecondFactorConflict", "code": "SECOND_FACTOR_CONFLICT", "isOn": True}
    required = (await api.anonymous.data(SIGN_IN, input={"email": ada.email, "password": PASSWORD}))["signIn"]
    assert (required["__typename"], required["code"]) == ("SecondFactorRequired", "SECOND_FACTOR_REQUIRED")
    half = {"challenge": required["challenge"]}
    wrong = (await api.anonymous.data(COMPLETE, input={**half, "code": code}))["completeSignIn"]
    assert wrong["code"] == "WRONG_CODE"
    given = {**half, "code": confirmed["recoveryCodes"][0]}
    done = (await api.anonymous.data(COMPLETE, input=given))["completeSignIn"]
    assert done["session"]["viewer"]["email"] == ada.email
    off = {"password": PASSWORD, "code": confirmed["recoveryCodes"][1]}
    assert (await ada.client.data(DISABLE, input=off))["disableSecondFactor"] == {
        "__typename": "DisableSecondFactorSuccess"
    }


SECRET_OF_TESTS = "a secret of thirty-two characters"


def rotated(world: World, *, drop_old: bool = False) -> SecondFactorService:
    """The service as a process with another secret builds it, which accepts the old one or not."""
    accepted = {} if drop_old else {"1": SECRET_OF_TESTS}
    box = JoseBox(KeyRing.of("another secret of many characters", "2", accepted))
    kit = world.kit
    return SecondFactorService(
        store=SecondFactorStore(),
        accounts=AccountStore(),
        box=box,
        letters=world.get(LetterWriter),
        outbox=world.get(MailOutbox),
        proof=PasswordProof(AccountStore(), kit.hasher, world.get(Attempts)),
        attempts=world.get(Attempts),
        security=world.get(SecurityLog),
        transactions=kit.transactions,
        clock=kit.clock,
    )


async def test_a_good_code_seals_the_secret_anew_after_a_rotation(world: World) -> None:
    # given a second factor from before the server's secret was rotated
    caller = await registered(world)
    secret, codes = await switched_on(world, caller)
    (before,) = await world.documents("second_factors")
    after_rotation, account_id = rotated(world), caller.require_person()
    # when a wrong code comes, or a recovery code, then it stays as it is
    with pytest.raises(WrongCode):
        await after_rotation.check(account_id, "000000", HOME)
    await after_rotation.check(account_id, codes[0], HOME)
    assert (await world.documents("second_factors"))[0]["sealed_secret"] == before["sealed_secret"]
    # when a good one comes
    await after_rotation.check(account_id, code_now(world, secret), HOME)
    # then the old secret can be dropped, and nothing else has changed
    (after,) = await world.documents("second_factors")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"sealed_secret", "last_step", "recovery_hashes"}
    world.clock.advance(60)
    await rotated(world, drop_old=True).check(account_id, code_now(world, secret), HOME)
    # and it is not sealed again without need
    assert (await world.documents("second_factors"))[0]["sealed_secret"] == after["sealed_secret"]


async def test_a_secret_that_was_replaced_meanwhile_is_not_overwritten(world: World) -> None:
    caller = await registered(world)
    await switched_on(world, caller)
    before = await world.documents("second_factors")
    await SecondFactorStore().reseal(caller.require_person(), "what was read before", "sealed anew")
    assert await world.documents("second_factors") == before
