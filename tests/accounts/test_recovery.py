"""Verified addresses, forgotten passwords and moves to another address."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from domain.accounts.errors import EmailTaken, LinkRefused, TooManyAttempts, WrongCredentials
from domain.accounts.letters import LetterWriter
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.emails import EmailService
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.sessions import Session
from domain.kit.caller import Caller, Client, Credential, Scope
from domain.kit.errors import Forbidden, Unauthenticated, ValidationFailed
from tests.accounts.letters import code_in
from tests.graphql.harness import PASSWORD, Api
from tests.world import World

ADA = "ada@cadenza.example"
NEW = "ada@new.example"
NOBODY = "nobody@cadenza.example"
NEW_PASSWORD = "a better password"
HOME = Client("192.0.2.7", "Laptop/1.0")

VERIFY = "mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename ... on Problem { code } } }"
RESEND = "mutation($input: ResendVerificationInput!) { resendVerification(input: $input) { __typename } }"
REQUEST = "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename } }"
RESET = """
mutation($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    __typename ... on Problem { code } ... on ResetPasswordSuccess { revokedApiKeyCount }
  }
}
"""
CHANGE = (
    "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on Problem { code } } }"
)
MOVE = "mutation($input: ChangeEmailInput!) { changeEmail(input: $input) { __typename ... on Problem { code } } }"
CONFIRM = """
mutation($input: ConfirmEmailChangeInput!) {
  confirmEmailChange(input: $input) { __typename ... on Problem { code } ... on ConfirmEmailChangeSuccess {
    account { email isEmailVerified role }
  } }
}
"""
VIEWER = "{ viewer { email isEmailVerified } }"


async def registered(world: World, email: str = ADA) -> Session:
    return await world.get(AccountService).sign_up(email, PASSWORD, "Ada", HOME)


def caller_of(session: Session) -> Caller:
    return Caller(session.account.id, session.id)


async def account(world: World) -> dict[str, Any]:
    (found,) = await world.documents("accounts")
    return found


async def kinds(world: World) -> list[str]:
    return [event["kind"] for event in await world.documents("security_events")]


async def test_a_sign_up_mails_a_code_that_verifies_the_address_once(world: World) -> None:
    await registered(world)
    (mail,) = await world.mail_to(ADA)
    code = code_in(mail)
    assert (await account(world))["email_verified_at"] is None
    # and the database has only its hash
    assert code not in str(await world.documents("mailed_tokens"))
    await world.get(EmailService).verify(code, HOME)
    assert (await account(world))["email_verified_at"] is not None
    with pytest.raises(LinkRefused):
        await world.get(EmailService).verify(code, HOME)
    assert await kinds(world) == ["SIGNED_UP", "EMAIL_VERIFIED"]


async def test_a_code_is_good_for_a_day_and_for_its_own_purpose(world: World) -> None:
    await registered(world)
    code = code_in((await world.mail_to(ADA))[0])
    with pytest.raises(LinkRefused):
        await world.get(PasswordService).reset(code, NEW_PASSWORD, HOME)
    with pytest.raises(LinkRefused):
        await world.get(EmailService).confirm_change(code, HOME)
    world.clock.advance(24 * 3600)
    with pytest.raises(LinkRefused):
        await world.get(EmailService).verify(code, HOME)
    assert (await account(world))["email_verified_at"] is None


async def test_a_new_code_replaces_the_one_before(world: World) -> None:
    await registered(world)
    await world.get(EmailService).resend(ADA.upper(), HOME)
    first, second = [code_in(mail) for mail in await world.mail_to(ADA)]
    with pytest.raises(LinkRefused):
        await world.get(EmailService).verify(first, HOME)
    await world.get(EmailService).verify(second, HOME)
    # and a verified address gets no more
    await world.get(EmailService).resend(ADA, HOME)
    assert len(await world.mail_to(ADA)) == 2


async def test_a_forgotten_password_is_replaced_and_everybody_is_out(world: World) -> None:
    session = await registered(world)
    await world.get(PasswordService).ask_for_reset(" ADA@cadenza.example", HOME)
    code = code_in((await world.mail_to(ADA))[-1])
    await world.get(PasswordService).reset(code, NEW_PASSWORD, HOME)
    # then the old password and all sessions are worth nothing
    with pytest.raises(WrongCredentials):
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(Unauthenticated):
        await world.get(SessionService).caller_of(session.access_token)
    # and the new one works, the address is shown to be theirs, and they are told
    assert (await world.get(SignInService).sign_in(ADA, NEW_PASSWORD, HOME)).account.email_verified
    assert (await world.mail_to(ADA))[-1].subject == "Your password was changed"
    # and the code is used up
    with pytest.raises(LinkRefused):
        await world.get(PasswordService).reset(code, PASSWORD, HOME)


async def with_keys(world: World, session: Session) -> tuple[str, str]:
    """One key that works, and one whose time is up a minute from now."""
    keys, soon = world.get(ApiKeyService), world.clock.now() + timedelta(minutes=1)
    _, first = await keys.create(caller_of(session), "Robot", [Scope.JOBS])
    _, second = await keys.create(caller_of(session), "Old robot", [Scope.JOBS], soon)
    world.clock.advance(60)
    return first, second


async def test_a_reset_ends_the_keys_that_somebody_else_may_have_made(world: World) -> None:
    # given a person with a key, who asks for a new password
    live, _ = await with_keys(world, await registered(world))
    await world.get(ApiKeyService).caller_of(live)
    await world.get(PasswordService).ask_for_reset(ADA, HOME)
    # when the password is reset
    assert await world.get(PasswordService).reset(code_in((await world.mail_to(ADA))[-1]), NEW_PASSWORD, HOME) == 2
    # then no key works, here at once, and the log and the letter tell of it
    with pytest.raises(Unauthenticated):
        await world.get(ApiKeyService).caller_of(live)
    assert await world.documents("api_keys") == []
    (event,) = [each for each in await world.documents("security_events") if each["kind"] == "API_KEYS_REVOKED"]
    assert (event["detail"], event["address"]) == ({"keys": "2"}, HOME.address)
    letter = (await world.mail_to(ADA))[-1].text
    assert "API keys that were revoked with it: 2." in letter
    assert "go on working" not in letter


async def test_a_reset_can_leave_the_keys_and_a_change_always_does(world: World) -> None:
    live, _ = await with_keys(world, await registered(world))
    before = await world.documents("api_keys")
    passwords = world.get(PasswordService)
    await passwords.ask_for_reset(ADA, HOME)
    code = code_in((await world.mail_to(ADA))[-1])
    assert await passwords.reset(code, NEW_PASSWORD, HOME, revoke_keys=False) == 0
    session = await world.get(SignInService).sign_in(ADA, NEW_PASSWORD, HOME)
    await passwords.change(caller_of(session), NEW_PASSWORD, PASSWORD, HOME)
    # then the key works, and both letters tell of the one that does
    assert await world.documents("api_keys") == before
    await world.get(ApiKeyService).caller_of(live)
    assert "API_KEYS_REVOKED" not in await kinds(world)
    for letter in (await world.mail_to(ADA))[-2:]:
        assert "API keys that go on working: 1. Revoke those that you do not know." in letter.text
        assert "revoked with it" not in letter.text


async def test_a_letter_is_silent_about_keys_that_nobody_has(world: World) -> None:
    session = await registered(world)
    await world.get(PasswordService).change(caller_of(session), PASSWORD, NEW_PASSWORD, HOME)
    assert "API keys" not in (await world.mail_to(ADA))[-1].text
    assert "API_KEYS_REVOKED" not in await kinds(world)


async def test_of_many_resets_with_one_code_one_succeeds(world: World) -> None:
    await registered(world)
    await world.get(PasswordService).ask_for_reset(ADA, HOME)
    code = code_in((await world.mail_to(ADA))[-1])
    passwords = world.get(PasswordService)
    answers = await asyncio.gather(
        *(passwords.reset(code, f"password {number}", HOME) for number in range(5)), return_exceptions=True
    )
    assert sum(isinstance(answer, LinkRefused) for answer in answers) == 4


@pytest.mark.parametrize(("seconds", "password"), [(3600.0, NEW_PASSWORD), (0.0, "short")], ids=["late", "short"])
async def test_a_reset_that_is_refused_changes_nothing(world: World, seconds: float, password: str) -> None:
    session = await registered(world)
    await world.get(PasswordService).ask_for_reset(ADA, HOME)
    code, before = code_in((await world.mail_to(ADA))[-1]), await account(world)
    world.clock.advance(seconds)
    with pytest.raises((LinkRefused, ValidationFailed)):
        await world.get(PasswordService).reset(code, password, HOME)
    assert await account(world) == before
    assert [record["_id"] for record in await world.documents("sessions")] == [session.id]


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(world: World) -> None:
    await registered(world)
    await world.get(PasswordService).ask_for_reset(NOBODY, HOME)
    await world.get(EmailService).resend(NOBODY, HOME)
    assert await world.mail_to(NOBODY) == []
    assert await world.mail_to("") == []
    # what was written to take the same time is good for nothing
    assert {token["account_id"] for token in await world.documents("mailed_tokens")} >= {""}
    assert len(await world.mail_to(ADA)) == 1


@pytest.mark.parametrize("email", [ADA, NOBODY], ids=["known", "unknown"])
async def test_nobody_is_flooded_with_mail(world: World, email: str) -> None:
    await registered(world)
    for _ in range(10):
        await world.get(PasswordService).ask_for_reset(email, HOME)
    with pytest.raises(TooManyAttempts):
        await world.get(PasswordService).ask_for_reset(email, HOME)
    for _ in range(10):
        await world.get(EmailService).resend(email, HOME)
    with pytest.raises(TooManyAttempts):
        await world.get(EmailService).resend(email, HOME)


async def test_a_password_is_changed_with_the_old_one_and_other_sessions_end(world: World) -> None:
    here = await registered(world)
    there = await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    await world.get(PasswordService).ask_for_reset(ADA, HOME)
    reset = code_in((await world.mail_to(ADA))[-1])
    with pytest.raises(WrongCredentials):
        await world.get(PasswordService).change(caller_of(here), "a wrong password", NEW_PASSWORD, HOME)
    await world.get(PasswordService).change(caller_of(here), PASSWORD, NEW_PASSWORD, HOME)
    assert await world.get(SessionService).caller_of(here.access_token) == caller_of(here)
    with pytest.raises(Unauthenticated):
        await world.get(SessionService).caller_of(there.access_token)
    # and links that were mailed before are worth nothing
    with pytest.raises(LinkRefused):
        await world.get(PasswordService).reset(reset, PASSWORD, HOME)
    assert (await world.get(SignInService).sign_in(ADA, NEW_PASSWORD, HOME)).account.id == here.account.id


async def test_a_stolen_session_is_no_way_to_guess_the_password(world: World) -> None:
    caller = caller_of(await registered(world))
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await world.get(PasswordService).change(caller, "a wrong password", NEW_PASSWORD, HOME)
    with pytest.raises(TooManyAttempts):
        await world.get(PasswordService).change(caller, PASSWORD, NEW_PASSWORD, HOME)


async def test_a_key_changes_neither_password_nor_address(world: World) -> None:
    session = await registered(world)
    robot, before = Caller(session.account.id, credential=Credential.API_KEY), await account(world)
    with pytest.raises(Forbidden):
        await world.get(PasswordService).change(robot, PASSWORD, NEW_PASSWORD, HOME)
    with pytest.raises(Forbidden):
        await world.get(EmailService).ask_for_change(robot, NEW, PASSWORD, HOME)
    assert await account(world) == before


async def test_an_address_moves_when_its_new_mailbox_says_so(world: World) -> None:
    session = await registered(world)
    await world.get(EmailService).ask_for_change(caller_of(session), " Ada@New.example", PASSWORD, HOME)
    assert (await account(world))["email"] == ADA
    assert (await world.mail_to(ADA))[-1].subject == "Your e-mail address is about to change"
    (mail,) = await world.mail_to(NEW)
    moved = await world.get(EmailService).confirm_change(code_in(mail), HOME)
    assert (moved.email, moved.email_verified) == (NEW, True)
    assert (await world.mail_to(ADA))[-1].subject == "Your e-mail address was changed"
    assert (await world.get(SignInService).sign_in(NEW, PASSWORD, HOME)).account.id == session.account.id
    with pytest.raises(WrongCredentials):
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)


async def test_an_address_that_somebody_has_cannot_be_moved_to(world: World) -> None:
    session = await registered(world)
    await world.get(EmailService).ask_for_change(caller_of(session), NEW, PASSWORD, HOME)
    code = code_in((await world.mail_to(NEW))[0])
    # when somebody else signs up with it meanwhile
    await registered(world, NEW)
    with pytest.raises(EmailTaken):
        await world.get(EmailService).confirm_change(code, HOME)
    with pytest.raises(EmailTaken):
        await world.get(EmailService).ask_for_change(caller_of(session), NEW, PASSWORD, HOME)
    assert sorted(found["email"] for found in await world.documents("accounts")) == [ADA, NEW]


@pytest.mark.parametrize("new_email", ["ada", "", "a b@x.example"])
async def test_what_is_no_address_cannot_be_moved_to(world: World, new_email: str) -> None:
    session = await registered(world)
    with pytest.raises(ValidationFailed) as refused:
        await world.get(EmailService).ask_for_change(caller_of(session), new_email, PASSWORD, HOME)
    assert [issue.path for issue in refused.value.issues] == ["newEmail"]


def test_a_letter_links_to_the_application_and_keeps_the_code_out_of_its_logs() -> None:
    letter = LetterWriter("https://app.example/").verify(ADA, "code")
    assert "https://app.example/verify-email#token=code" in letter.text
    assert re.search(r"^code$", LetterWriter().verify(ADA, "code").text, re.MULTILINE)


async def test_verifying_and_resetting_through_the_api(api: Api) -> None:
    ada = await api.person()
    assert (await api.anonymous.data(RESEND, input={"email": ada.email}))["resendVerification"] == {
        "__typename": "ResendVerificationSuccess"
    }
    code = code_in((await api.world.mail_to(ada.email))[-1])
    assert (await api.anonymous.data(VERIFY, input={"token": code}))["verifyEmail"][
        "__typename"
    ] == "VerifyEmailSuccess"
    assert (await api.anonymous.data(VERIFY, input={"token": code}))["verifyEmail"]["code"] == "LINK_REFUSED"
    assert (await ada.client.data(VIEWER))["viewer"] == {"email": ada.email, "isEmailVerified": True}
    # known and unknown alike
    for email in (ada.email, NOBODY):
        assert (await api.anonymous.data(REQUEST, input={"email": email}))["requestPasswordReset"] == {
            "__typename": "RequestPasswordResetSuccess"
        }
    given = {"token": code_in((await api.world.mail_to(ada.email))[-1]), "newPassword": NEW_PASSWORD}
    await api.world.get(ApiKeyService).create(ada.caller, "Robot", [Scope.JOBS])
    assert (await api.anonymous.data(RESET, input={**given, "revokeApiKeys": False}))["resetPassword"] == {
        "__typename": "ResetPasswordSuccess",
        "revokedApiKeyCount": 0,
    }
    assert (await ada.client.error(VIEWER))["code"] == "UNAUTHENTICATED"
    await api.anonymous.data(REQUEST, input={"email": ada.email})
    again = {**given, "token": code_in((await api.world.mail_to(ada.email))[-1])}
    assert (await api.anonymous.data(RESET, input=again))["resetPassword"]["revokedApiKeyCount"] == 1


async def test_changing_password_and_address_through_the_api(api: Api) -> None:
    ada = await api.person()
    wrong = {"password": "a wrong password", "newPassword": NEW_PASSWORD}
    assert (await ada.client.data(CHANGE, input=wrong))["changePassword"]["code"] == "WRONG_CREDENTIALS"
    right = {**wrong, "password": PASSWORD}
    assert (await ada.client.data(CHANGE, input=right))["changePassword"]["__typename"] == "ChangePasswordSuccess"
    move = {"newEmail": NEW, "password": NEW_PASSWORD}
    assert (await ada.client.data(MOVE, input=move))["changeEmail"]["__typename"] == "ChangeEmailSuccess"
    given = {"token": code_in((await api.world.mail_to(NEW))[-1])}
    assert (await api.anonymous.data(CONFIRM, input=given))["confirmEmailChange"]["account"] == {
        "email": NEW,
        "isEmailVerified": True,
        "role": "LISTENER",
    }
    assert (await api.anonymous.data(CHANGE, input=right))["changePassword"]["code"] == "UNAUTHENTICATED"
