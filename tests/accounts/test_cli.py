"""The command's session, `cadenza keys` and `cadenza mail`, against an API on a real port."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.mail.folder import FolderMailer
from bootstrap.cli.client import ApiProblem, CadenzaClient
from bootstrap.cli.commands import app
from bootstrap.cli.home import Home
from bootstrap.mail import open_mailer
from bootstrap.settings import AuthSettings, MailSettings, MissingSettings, read
from domain.kit.ids import new_id
from domain.kit.mail import Mail
from tests.graphql.harness import Api
from tests.world import TurnableClock

VIEWER = "{ viewer { email } }"
SECRET = "a secret of thirty-two characters"


@pytest.fixture
def home(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The command's own folder, and the address of the API."""
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CADENZA_API_URL", api.base_url)
    monkeypatch.setenv("COLUMNS", "200")
    return Home(tmp_path / "home")


async def cadenza(*arguments: str) -> Result:
    """Runs a command beside the API, which lives in this event loop."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


def age(home: Home, url: str) -> None:
    """Makes the access token that was kept look as if its time were up."""
    path = home.root / "sessions.json"
    kept = json.loads(path.read_text())
    kept[url]["expiresAt"] = (datetime.now(UTC) + timedelta(seconds=10)).isoformat()
    path.write_text(json.dumps(kept))


async def test_the_command_keeps_its_session_and_refreshes_it(api: Api, home: Home) -> None:
    person = home.person()
    for _ in range(3):
        await CadenzaClient(api.base_url, home).sign_in_or_up(person)
    assert len(await api.world.documents("sessions")) == 1
    assert (home.root / "sessions.json").stat().st_mode & 0o777 == 0o600
    # when the access token is about to end
    age(home, api.base_url)
    client = CadenzaClient(api.base_url, home)
    await client.sign_in_or_up(person)
    # then the same session goes on
    assert (await client.execute(VIEWER))["viewer"]["email"] == person.email
    (session,) = await api.world.documents("sessions")
    assert session["generation"] == 1


async def test_a_session_that_was_ended_is_forgotten_and_the_next_run_signs_in(api: Api, home: Home) -> None:
    person = home.person()
    client = CadenzaClient(api.base_url, home)
    await client.sign_in_or_up(person)
    await api.world.client[api.world.database]["sessions"].delete_many({})
    age(home, api.base_url)
    again = CadenzaClient(api.base_url, home)
    await again.sign_in_or_up(person)
    assert (await again.execute(VIEWER))["viewer"]["email"] == person.email
    # and one that ends in the middle says so in a sentence
    await again.execute("mutation { signOut(input: {}) { __typename } }")
    with pytest.raises(ApiProblem, match="Your session was ended"):
        await again.execute(VIEWER)
    assert home.session(api.base_url) is None


async def test_a_key_is_made_used_listed_and_revoked(api: Api, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await cadenza("keys", "create", "My robot", "--scope", "library", "--scope", "ACCOUNT_READ", "--days", "7")
    assert made.exit_code == 0, made.output
    (secret,) = [line for line in made.output.splitlines() if line.startswith("cdz_live_")]
    listed = await cadenza("keys")
    assert all(word in listed.output for word in ("My robot", secret[9:17], "library account_read", "never"))
    # the key stands in for the session
    monkeypatch.setenv("CADENZA_API_KEY", secret)
    assert "An API key may not do this." in (await cadenza("keys")).output
    refused = await cadenza("credits")
    assert "lacks the scope CREDITS" in refused.output
    monkeypatch.delenv("CADENZA_API_KEY")
    (key_id,) = [word for word in listed.output.split() if word.startswith("QXBpS2V5")]
    assert "works no more" in (await cadenza("keys", "revoke", key_id)).output
    assert await api.world.documents("api_keys") == []


async def test_the_mailbox_is_listed_and_shown(home: Home) -> None:
    mailer = FolderMailer(home.mail_folder(), "Cadenza <no-reply@x.example>", TurnableClock())
    for number in (1, 2):
        await mailer.send(Mail(f"ada{number}@x.example", f"Subject {number}", f"Text {number}\n"), new_id())
    listed = await cadenza("mail")
    assert all(word in listed.output for word in ("ada1@x.example", "Subject 1", "ada2@x.example", "Subject 2"))
    assert "Text 2" in (await cadenza("mail", "show")).output
    assert "Text 1" in (await cadenza("mail", "show", "1")).output
    missing = await cadenza("mail", "show", "3")
    assert (missing.exit_code, missing.output.strip()) == (1, "There is no such mail.")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "NoneType"),
        ({"CADENZA_MAIL_TRANSPORT": "folder", "CADENZA_MAIL_FOLDER": "mail"}, "FolderMailer"),
        ({"CADENZA_MAIL_TRANSPORT": "smtp", "CADENZA_MAIL_HOST": "mail.example"}, "SmtpMailer"),
    ],
    ids=["none", "folder", "smtp"],
)
def test_settings_choose_the_way_out_for_mail(given: dict[str, str], kind: str) -> None:
    assert type(open_mailer(read(MailSettings, given), TurnableClock())).__name__ == kind


@pytest.mark.parametrize(("transport", "missing"), [("folder", "FOLDER"), ("smtp", "HOST")])
def test_a_transport_needs_its_settings(transport: str, missing: str) -> None:
    with pytest.raises(MissingSettings, match=f"CADENZA_MAIL_{missing}: Value error, is needed when"):
        read(MailSettings, {"CADENZA_MAIL_TRANSPORT": transport})


def test_older_secrets_are_a_json_object() -> None:
    given = {"CADENZA_AUTH_SECRET": SECRET, "CADENZA_AUTH_KEY_ID": "new"}
    old = {"CADENZA_AUTH_ACCEPTED_SECRETS": json.dumps({"old": SECRET[::-1]})}
    assert read(AuthSettings, {**given, **old}).keys.ids() == ["new", "old"]
    for wrong in ("old=secret", '["old"]', '{"old": "short"}'):
        with pytest.raises(MissingSettings, match="CADENZA_AUTH_ACCEPTED_SECRETS"):
            read(AuthSettings, {**given, "CADENZA_AUTH_ACCEPTED_SECRETS": wrong})
