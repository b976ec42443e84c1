"""`cadenza partner` against an API on a real port."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bootstrap.cli.commands import app
from domain.partners.services.invitations import InvitationService
from domain.partners.services.usage import PartnerUsage
from tests.accounts.letters import code_in
from tests.graphql.harness import Api
from tests.partners.office import open_office, verified_person

OPERATIONS = """
query Tracks { tracks(first: 5) { edges { node { ...Title } } } }
query Models { models { id } }
fragment Title on Track { title }
"""


@pytest.fixture
def local(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The command's own folder, and the address of the API."""
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CADENZA_API_URL", api.base_url)
    return api


@dataclass(frozen=True)
class Said:
    """How a command ended, and its own lines without the log of the API in this process."""

    status: int
    lines: list[str]


async def cadenza(*arguments: str) -> Said:
    """Runs a command beside the API, which lives in this event loop."""
    result = await asyncio.to_thread(CliRunner().invoke, app, ["partner", *arguments])
    lines = result.output.splitlines()
    return Said(result.exit_code, [line for line in lines if "[info " not in line and "[warning " not in line])


async def test_an_organisation_from_its_founding_to_a_key(local: Api) -> None:
    (organisation_id,) = (await cadenza("create", "Acme")).lines
    assert (await cadenza("list")).lines == [f"{organisation_id}  owner   Acme"]
    bob, email = await verified_person(local.world, "Bob")
    until = (local.world.clock.now() + timedelta(days=7)).date().isoformat()
    assert (await cadenza("invite", email)).lines == [f"{email} is invited until {until}"]
    await local.world.get(InvitationService).accept(bob, code_in((await local.world.mail_to(email))[-1]))
    assert (await cadenza("set-role", email, "--role", "admin")).lines == [f"{email} is admin now"]
    assert (await cadenza("members", "--partner", organisation_id)).lines[1:] == [f"admin   {email}  Bob"]
    assert (await cadenza("remove-member", email)).lines == [f"{email} is no member any more"]
    (secret,) = (await cadenza("add-key", "Server", "--scope", "jobs")).lines
    assert secret.startswith("cdz_partner_")
    (listed,) = (await cadenza("keys")).lines
    key_id, prefix, *_ = listed.split("  ")
    assert secret[12:20] == prefix
    assert listed.endswith("Server  (jobs)")
    assert (await cadenza("revoke-key", key_id)).lines == [f"{key_id} works no more"]
    assert await local.world.documents("partner_keys") == []


async def test_an_organisation_is_renamed_and_deleted_by_its_name(local: Api) -> None:
    await cadenza("create", "Acme")
    assert (await cadenza("rename", "Acme Radio")).lines == ["renamed to Acme Radio"]
    refused = "This is not the organisation's name. Nothing was deleted."
    assert await cadenza("delete", "Acme") == Said(1, [refused])
    assert (await cadenza("delete", "Acme Radio")).lines == ["Acme Radio is deleted"]
    assert (await cadenza("list")).lines == []


async def test_invitations_are_listed_taken_back_and_answered(local: Api) -> None:
    await cadenza("create", "Acme")
    await cadenza("invite", "bob@cadenza.example", "--role", "admin")
    (listed,) = (await cadenza("invitations")).lines
    invitation_id, _, rest = listed.partition("  ")
    assert (rest[:8], rest.split("  ")[-1]) == ("admin   ", "bob@cadenza.example")
    assert (await cadenza("revoke-invitation", invitation_id)).lines == [f"{invitation_id} is taken back"]
    assert await local.world.documents("organisation_invitations") == []
    # and this machine's own person is invited by somebody else
    office = await open_office(local.world, "Other")
    (account,) = [each for each in await local.world.documents("accounts") if each["_id"] != office.owner.account_id]
    accounts = local.world.client[local.world.database]["accounts"]
    await accounts.update_one({"_id": account["_id"]}, {"$set": {"email_verified_at": local.world.clock.now()}})
    token = await office.invite(account["email"])
    (received,) = (await cadenza("received")).lines
    assert (received[:6], received.split("  ")[-1]) == ("member", "Other")
    assert (await cadenza("accept", token)).lines == [office.id]
    assert await cadenza("decline", token) == Said(1, ["This link is not valid any more. Ask for a new one."])


async def test_an_invitation_is_declined(local: Api) -> None:
    office = await open_office(local.world)
    token = await office.invite("bob@cadenza.example")
    assert (await cadenza("decline", token)).lines == ["declined"]
    assert await local.world.documents("organisation_invitations") == []


async def test_operations_are_published_listed_and_retired(local: Api, tmp_path: Path) -> None:
    await cadenza("create", "Acme")
    path = tmp_path / "operations.graphql"
    path.write_text(OPERATIONS)
    published = await cadenza("publish", str(path))
    assert published.status == 0
    assert [line.split("  ")[1] for line in published.lines] == ["query Tracks", "query Models"]
    assert all(line.startswith("sha256:") for line in published.lines)
    # and once more, which changes nothing
    before = await local.world.documents("partner_operations")
    assert await cadenza("publish", str(path)) == published
    assert await local.world.documents("partner_operations") == before
    listed = (await cadenza("operations")).lines
    assert {line.split("  ")[1] for line in listed} == {line.split("  ")[0] for line in published.lines}
    assert (await cadenza("retire", *(line.split("  ")[0] for line in listed))).lines == ["2 retired"]
    assert await local.world.documents("partner_operations") == []


async def test_what_is_refused_is_told_for_each_document(local: Api, tmp_path: Path) -> None:
    await cadenza("create", "Acme")
    path = tmp_path / "operations.graphql"
    path.write_text("query Good { models { id } } query Bad { nonsense }")
    refused = await cadenza("publish", str(path))
    assert (refused.status, refused.lines[0]) == (1, "Nothing was registered.")
    assert refused.lines[1].startswith("query Bad: Cannot query field 'nonsense' on type 'Query'.")
    assert await local.world.documents("partner_operations") == []


async def test_trouble_is_one_sentence(local: Api) -> None:
    none = "You are in 0 organisations: say which with --partner, or create one."
    assert await cadenza("keys") == Said(1, [none])
    await cadenza("create", "Acme")
    stranger = "There is no organisation of yours with this id."
    other = "T3JnYW5pc2F0aW9uOjAxSjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"
    assert await cadenza("keys", "--partner", other) == Said(1, [stranger])


async def test_usage_is_told_in_lines(local: Api) -> None:
    (global_id,) = (await cadenza("create", "Acme")).lines
    assert (await cadenza("usage")).lines == ["in all  0 calls, 0 points, 0 with errors"]
    usage, (organisation,) = local.world.get(PartnerUsage), await local.world.documents("organisations")
    usage.note(organisation["_id"], "0" * 64, "Tracks", 7, failed=True)
    await usage.flush()
    counted, today = "1 calls, 7 points, 1 with errors", local.world.clock.now().date().isoformat()
    told = (await cadenza("usage", "--partner", global_id, "--days", "2")).lines
    assert told == [f"{today}  {counted}", f"Tracks  {counted}", f"in all  {counted}"]
