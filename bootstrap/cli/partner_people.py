"""The commands of `cadenza partner` that are about people: members, and invitations on both sides."""

from typing import Annotated

import typer

from bootstrap.cli import partner_documents as documents
from bootstrap.cli.partner_calls import Partner, chosen, do, of_partner, say
from bootstrap.cli.terminal import Url, known_api, run, signed_in
from domain.partners.model import MemberRole

app = typer.Typer()

Address = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Role = Annotated[MemberRole, typer.Option(case_sensitive=False, help="What the person is to be.")]
Code = Annotated[str, typer.Argument(help="The code of the letter.")]


@app.command()
def members(partner: Partner = None, url: Url = None) -> None:
    """List the members."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        for member in (await of_partner(client, documents.MEMBERS, partner))["members"]:
            say(f"{member['role'].lower():<6}  {member['email']}  {member['displayName']}")

    run(main(known_api(url)))


@app.command("set-role")
def set_role(email: Address, role: Role, partner: Partner = None, url: Url = None) -> None:
    """Give a member another role."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        wanted = {"organisationId": await chosen(client, partner), "email": email, "role": role.value}
        await do(client, documents.CHANGE_ROLE, wanted)
        say(f"{email} is {role.lower()} now")

    run(main(known_api(url)))


@app.command("remove-member")
def remove_member(email: Address, partner: Partner = None, url: Url = None) -> None:
    """Remove a member, or leave."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        await do(client, documents.REMOVE_MEMBER, {"organisationId": await chosen(client, partner), "email": email})
        say(f"{email} is no member any more")

    run(main(known_api(url)))


@app.command()
def invite(email: Address, role: Role = MemberRole.MEMBER, partner: Partner = None, url: Url = None) -> None:
    """Invite a person by a letter."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        wanted = {"organisationId": await chosen(client, partner), "email": email, "role": role.value}
        made = (await do(client, documents.INVITE, wanted))["invitation"]
        say(f"{made['email']} is invited until {made['expiresAt'][:10]}")

    run(main(known_api(url)))


@app.command()
def invitations(partner: Partner = None, url: Url = None) -> None:
    """List the invitations that nobody has answered."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        for found in (await of_partner(client, documents.INVITATIONS, partner))["invitations"]:
            say(f"{found['id']}  {found['role'].lower():<6}  until {found['expiresAt'][:10]}  {found['email']}")

    run(main(known_api(url)))


@app.command("revoke-invitation")
def revoke_invitation(
    invitation_id: Annotated[str, typer.Argument(help="Its id, as `cadenza partner invitations` shows it.")],
    url: Url = None,
) -> None:
    """Take an invitation back."""

    async def main(address: str) -> None:
        await do(await signed_in(address), documents.REVOKE_INVITATION, {"invitationId": invitation_id})
        say(f"{invitation_id} is taken back")

    run(main(known_api(url)))


@app.command()
def received(url: Url = None) -> None:
    """List the invitations to your own address."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        for found in (await client.execute(documents.RECEIVED))["receivedOrganisationInvitations"]:
            say(f"{found['role'].lower():<6}  until {found['expiresAt'][:10]}  {found['organisationName']}")

    run(main(known_api(url)))


@app.command()
def accept(token: Code, url: Url = None) -> None:
    """Say yes to an invitation and print the organisation's id."""

    async def main(address: str) -> None:
        joined = await do(await signed_in(address), documents.ACCEPT, {"token": token})
        say(joined["organisation"]["id"])

    run(main(known_api(url)))


@app.command()
def decline(token: Code, url: Url = None) -> None:
    """Say no to an invitation."""

    async def main(address: str) -> None:
        await do(await signed_in(address), documents.DECLINE, {"token": token})
        say("declined")

    run(main(known_api(url)))
