"""Partners over the API: organisations, members, keys, and what their servers may run."""

from hashlib import md5, sha256
from typing import Any

import pytest

from domain.accounts.service import AccountService
from domain.partners.model import MemberRole
from tests.accounts.letters import code_in
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import Api
from tests.partners.office import Office, open_office, signed_in, verified_person

CREATE = """
mutation($input: CreateOrganisationInput!) {
  createOrganisation(input: $input) {
    __typename
    ... on CreateOrganisationSuccess { organisation { id name role members { email role } keys { id } } }
    ... on Problem { code message }
    ... on TooManyOrganisations { limit }
  }
}
"""
MINE = "{ organisations { id name role } }"
CHANGE_ROLE = """
mutation($input: ChangeOrganisationMemberRoleInput!) {
  changeOrganisationMemberRole(input: $input) {
    __typename
    ... on ChangeOrganisationMemberRoleSuccess { organisation { members { email displayName role } } }
    ... on Problem { code message }
  }
}
"""
INVITE = """
mutation($input: InviteOrganisationMemberInput!) {
  inviteOrganisationMember(input: $input) {
    __typename
    ... on InviteOrganisationMemberSuccess { invitation { id email role expiresAt } }
    ... on Problem { code message }
  }
}
"""
INVITATIONS = """
query($id: ID!) { node(id: $id) { ... on Organisation { invitations { id email role expiresAt } } } }
"""
RECEIVED = "{ receivedOrganisationInvitations { organisationName role } }"
ACCEPT = """
mutation($input: AcceptOrganisationInvitationInput!) {
  acceptOrganisationInvitation(input: $input) { __typename ... on Problem { code } }
}
"""
DECLINE = """
mutation($input: DeclineOrganisationInvitationInput!) {
  declineOrganisationInvitation(input: $input) { __typename ... on Problem { code } }
}
"""
REVOKE_INVITATION = """
mutation($input: RevokeOrganisationInvitationInput!) {
  revokeOrganisationInvitation(input: $input) { __typename ... on Problem { code } }
}
"""
REMOVE = """
mutation($input: RemoveOrganisationMemberInput!) {
  removeOrganisationMember(input: $input) { __typename ... on Problem { code } }
}
"""
CREATE_KEY = """
mutation($input: CreatePartnerKeyInput!) {
  createPartnerKey(input: $input) {
    __typename
    ... on CreatePartnerKeySuccess { secret partnerKey { id name prefix scopes lastUsedAt } }
    ... on Problem { code message }
  }
}
"""
REVOKE_KEY = """
mutation($input: RevokePartnerKeyInput!) { revokePartnerKey(input: $input) { __typename ... on Problem { code } } }
"""
REGISTER = """
mutation($input: RegisterOperationsInput!) {
  registerOperations(input: $input) {
    __typename
    ... on RegisterOperationsSuccess { operations { id documentId aliases name type cost text } }
    ... on OperationsRefused { code refused { index name reasons } }
    ... on ValidationFailed { code issues { path message } }
    ... on Problem { code }
  }
}
"""
RETIRE = """
mutation($input: RetireOperationsInput!) {
  retireOperations(input: $input) { __typename ... on RetireOperationsSuccess { retiredCount } ... on Problem { code } }
}
"""
REGISTERED = """
query($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Organisation {
      registeredOperations(first: $first, after: $after) {
        edges { cursor node { id name type cost registeredAt } } pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
EVENTS = """
query($id: ID!) {
  node(id: $id) { ... on Organisation { securityEvents(first: 5) { edges { node { kind details { name value } } } } } }
}
"""

EDGES = "tracks(first: 100) { edges { node { currentVersion { id } } } }"
TRACKS = "query Tracks($first: Int! = 20) { tracks(first: $first) { edges { node { id title } } } }"
WIDE = f"query Wide {{ {' '.join(f't{n}: {EDGES}' for n in range(40))} }}"
WATCH = "subscription Watch { myJobs { eventId } }"


async def register(client: GraphQLClient, office: Office, *documents: str | tuple[str, str]) -> dict[str, Any]:
    """The answer to a call with these texts, each with the id that a tool gave it or without one."""
    pairs = [(one, None) if isinstance(one, str) else one for one in documents]
    wanted = {"organisationId": office.id, "documents": [{"text": text, "id": name} for text, name in pairs]}
    answer: dict[str, Any] = (await client.data(REGISTER, input=wanted))["registerOperations"]
    return answer


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def test_an_organisation_is_founded_and_listed(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    made = (await ada.client.data(CREATE, input={"name": " Acme "}))["createOrganisation"]
    organisation = made["organisation"]
    assert organisation.pop("members") == [{"email": ada.email, "role": "OWNER"}]
    assert organisation.pop("keys") == []
    assert organisation == {"id": organisation["id"], "name": "Acme", "role": "OWNER"}
    assert await ada.client.data(MINE) == {"organisations": [organisation]}
    assert await ada.client.data(NODE, id=organisation["id"]) == {
        "node": {"__typename": "Organisation", "id": organisation["id"]}
    }
    # and others do not see it
    assert await bob.client.data(MINE) == {"organisations": []}
    assert await bob.client.data(NODE, id=organisation["id"]) == {"node": None}
    assert (await api.anonymous.error(MINE))["code"] == "UNAUTHENTICATED"


async def test_members_change_and_go(api: Api) -> None:
    office = await open_office(api.world)
    owner = await signed_in(api, office.owner)
    _, email = await office.hire(MemberRole.MEMBER)
    wanted = {"organisationId": office.id, "email": email.upper(), "role": "ADMIN"}
    changed = (await owner.data(CHANGE_ROLE, input=wanted))["changeOrganisationMemberRole"]
    assert changed["organisation"]["members"][1:] == [{"email": email, "displayName": "Bob", "role": "ADMIN"}]
    gone = {"organisationId": office.id, "email": email}
    removed = (await owner.data(REMOVE, input=gone))["removeOrganisationMember"]
    assert removed == {"__typename": "RemoveOrganisationMemberSuccess"}
    again = (await owner.data(REMOVE, input=gone))["removeOrganisationMember"]
    assert again == {"__typename": "NotFound", "code": "NOT_FOUND"}
    # and the last owner stays
    account = await api.world.get(AccountService).viewer(office.owner)
    assert account is not None
    last = (await owner.data(REMOVE, input={**gone, "email": account.email}))["removeOrganisationMember"]
    assert last == {"__typename": "LastOwner", "code": "LAST_OWNER"}
    events = (await owner.data(EVENTS, id=office.id))["node"]["securityEvents"]["edges"]
    kinds = ["MEMBER_DISMISSED", "MEMBER_APPOINTED", "MEMBER_APPOINTED", "MEMBER_INVITED"]
    assert [event["node"]["kind"] for event in events] == kinds


async def test_a_key_is_shown_once_and_revoked(api: Api) -> None:
    office = await open_office(api.world)
    owner, stranger = await signed_in(api, office.owner), (await api.person("Eve")).client
    wanted = {"organisationId": office.id, "name": "Server"}
    made = (await owner.data(CREATE_KEY, input=wanted))["createPartnerKey"]
    key, secret = made["partnerKey"], made["secret"]
    assert secret.startswith(f"cdz_partner_{key['prefix']}_")
    assert key["scopes"] == ["GENERATE", "JOBS", "LIBRARY", "CREDITS", "WEBHOOKS"]
    assert await owner.data(NODE, id=key["id"]) == {"node": {"__typename": "PartnerKey", "id": key["id"]}}
    # and strangers neither see nor change it
    assert await stranger.data(NODE, id=key["id"]) == {"node": None}
    denied = [
        (await stranger.data(CREATE_KEY, input=wanted))["createPartnerKey"]["code"],
        (await stranger.data(REVOKE_KEY, input={"partnerKeyId": key["id"]}))["revokePartnerKey"]["code"],
    ]
    assert denied == ["NOT_FOUND", "NOT_FOUND"]
    assert len(await api.world.documents("partner_keys")) == 1
    revoked = (await owner.data(REVOKE_KEY, input={"partnerKeyId": key["id"]}))["revokePartnerKey"]
    assert revoked == {"__typename": "RevokePartnerKeySuccess"}


async def test_documents_are_registered_by_the_hash_of_their_exact_text(api: Api) -> None:
    office = await open_office(api.world)
    owner = await signed_in(api, office.owner)
    spaced, by_md5 = TRACKS.replace(" ", "  "), md5(WATCH.encode(), usedforsecurity=False).hexdigest()
    answer = await register(owner, office, TRACKS, spaced, (WATCH, by_md5), (TRACKS, f"sha256:{digest(TRACKS)}"))
    first, second, third, again = answer["operations"]
    assert first == again
    assert {**first, "id": ""} == {
        "id": "",
        "documentId": f"sha256:{digest(TRACKS)}",
        "aliases": [],
        "name": "Tracks",
        "type": "QUERY",
        "cost": first["cost"],
        "text": TRACKS,
    }
    assert first["cost"] > 20
    assert second["documentId"] == f"sha256:{digest(spaced)}"
    assert (third["type"], third["aliases"]) == ("SUBSCRIPTION", [by_md5])
    # and repeating it changes nothing, but for an id that is new
    before = await api.world.documents("partner_operations")
    assert await register(owner, office, TRACKS, spaced, (WATCH, by_md5)) == {
        **answer,
        "operations": [first, second, third],
    }
    assert await api.world.documents("partner_operations") == before
    named = await register(owner, office, (TRACKS, "tracks-1"))
    assert named["operations"] == [{**first, "aliases": ["tracks-1"]}]


async def test_registered_operations_are_paged_and_belong_to_their_organisation(api: Api) -> None:
    office, other = await open_office(api.world), await open_office(api.world, "Other")
    owner, stranger = await signed_in(api, office.owner), await signed_in(api, other.owner)
    made = (await register(owner, office, *(f"query Q{n} {{ viewer {{ id }} }}" for n in range(3))))["operations"]
    page = (await owner.data(REGISTERED, id=office.id, first=2))["node"]["registeredOperations"]
    rest = await owner.data(REGISTERED, id=office.id, first=2, after=page["pageInfo"]["endCursor"])
    edges = [*page["edges"], *rest["node"]["registeredOperations"]["edges"]]
    assert {edge["node"]["name"] for edge in edges} == {"Q0", "Q1", "Q2"}
    assert await stranger.data(NODE, id=made[0]["id"]) == {"node": None}
    assert await owner.data(NODE, id=made[0]["id"]) == {
        "node": {"__typename": "RegisteredOperation", "id": made[0]["id"]}
    }
    # when the stranger retires them for an organisation of his own
    wanted = {"organisationId": other.id, "operationIds": [one["id"] for one in made]}
    assert (await stranger.data(RETIRE, input=wanted))["retireOperations"]["retiredCount"] == 0
    assert (await stranger.data(RETIRE, input={**wanted, "organisationId": office.id}))["retireOperations"] == {
        "__typename": "NotFound",
        "code": "NOT_FOUND",
    }
    assert len(await api.world.documents("partner_operations")) == 3
    # and the owner does
    assert (await owner.data(RETIRE, input={**wanted, "organisationId": office.id}))["retireOperations"] == {
        "__typename": "RetireOperationsSuccess",
        "retiredCount": 3,
    }
    assert await api.world.documents("partner_operations") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("query Broken { nonsense }", "Cannot query field 'nonsense' on type 'Query'."),
        ("query {", "Syntax Error: Expected Name, found <EOF>."),
        ("query A { viewer { id } } query B { models { id } }", "A document that is registered has exactly one"),
        (WIDE, "The document is too complex: cost may be at most 5000"),
        ("#" * 70_000, "A document has at most 65536 characters."),
    ],
    ids=["unknown field", "no GraphQL", "two operations", "too dear", "too long"],
)
async def test_one_document_that_cannot_run_keeps_all_out(api: Api, text: str, reason: str) -> None:
    office = await open_office(api.world)
    owner = await signed_in(api, office.owner)
    answer = await register(owner, office, TRACKS, text)
    assert (answer["__typename"], answer["code"]) == ("OperationsRefused", "OPERATIONS_REFUSED")
    (refused,) = answer["refused"]
    assert refused["index"] == 1
    assert refused["reasons"][0].startswith(reason)
    assert await api.world.documents("partner_operations") == []


async def test_an_id_stands_for_one_document(api: Api) -> None:
    office = await open_office(api.world)
    owner = await signed_in(api, office.owner)
    await register(owner, office, (TRACKS, "tracks"))
    before = await api.world.documents("partner_operations")
    for documents, reason in (
        ([(WATCH, "tracks")], "The id tracks stands for another document already."),
        ([(WATCH, "new"), (f"{WATCH} ", "new")], "The id new stands for another document already."),
        ([(WATCH, digest(TRACKS))], f"The id {digest(TRACKS)} has the form of a SHA-256, and is not the one of"),
        ([(WATCH, "no id")], "An id has 1 to 128 letters"),
    ):
        answer = await register(owner, office, *documents)
        assert answer["refused"][-1]["reasons"][0].startswith(reason)
        assert (answer["refused"][-1]["name"], answer["refused"][-1]["index"]) == ("Watch", len(documents) - 1)
    assert await api.world.documents("partner_operations") == before


async def test_members_without_a_say_register_nothing(api: Api) -> None:
    office = await open_office(api.world)
    member, _ = await office.hire(MemberRole.MEMBER)
    client = await signed_in(api, member)
    assert await register(client, office, TRACKS) == {"__typename": "Forbidden", "code": "FORBIDDEN"}
    empty = await register(await signed_in(api, office.owner), office)
    assert empty["issues"] == [{"path": "documents", "message": "Send 1 to 200 documents at once."}]
    assert await api.world.documents("partner_operations") == []
    page = (await client.data(REGISTERED, id=office.id, first=1))["node"]["registeredOperations"]
    assert page["edges"] == []
    assert (await client.error(EVENTS, id=office.id))["code"] == "FORBIDDEN"


async def test_an_invitation_is_sent_seen_and_accepted(api: Api) -> None:
    office = await open_office(api.world)
    owner, (bob, email) = await signed_in(api, office.owner), await verified_person(api.world, "Bob")
    guest = await signed_in(api, bob)
    wanted = {"organisationId": office.id, "email": email, "role": "ADMIN"}
    invitation = (await owner.data(INVITE, input=wanted))["inviteOrganisationMember"]["invitation"]
    assert {**invitation, "id": "", "expiresAt": ""} == {"id": "", "email": email, "role": "ADMIN", "expiresAt": ""}
    assert await owner.data(INVITATIONS, id=office.id) == {"node": {"invitations": [invitation]}}
    assert await owner.data(NODE, id=invitation["id"]) == {
        "node": {"__typename": "OrganisationInvitation", "id": invitation["id"]}
    }
    # given the guest, who sees who invites, and not how the organisation keeps it
    assert await guest.data(RECEIVED) == {
        "receivedOrganisationInvitations": [{"organisationName": "Acme", "role": "ADMIN"}]
    }
    assert await guest.data(NODE, id=invitation["id"]) == {"node": None}
    eve, token = await api.person("Eve"), code_in((await api.world.mail_to(email))[-1])
    assert await answered(eve.client, ACCEPT, token) == "INVITATION_FOR_ANOTHER_ADDRESS"
    assert await answered(api.anonymous, ACCEPT, token) == "UNAUTHENTICATED"
    assert await answered(guest, ACCEPT, f"{token}x") == "LINK_REFUSED"
    # when the guest accepts
    assert await answered(guest, ACCEPT, token) == "AcceptOrganisationInvitationSuccess"
    # then the organisation is the guest's, too
    assert (await guest.data(MINE))["organisations"] == [{"id": office.id, "name": "Acme", "role": "ADMIN"}]
    assert await answered(api.anonymous, DECLINE, token) == "LINK_REFUSED"


async def test_an_invitation_is_declined_or_taken_back(api: Api) -> None:
    office = await open_office(api.world)
    owner, stranger = await signed_in(api, office.owner), (await api.person("Eve")).client
    assert await answered(api.anonymous, DECLINE, await office.invite("a@cadenza.example")) == (
        "DeclineOrganisationInvitationSuccess"
    )
    await office.invite("b@cadenza.example")
    (invitation,) = (await owner.data(INVITATIONS, id=office.id))["node"]["invitations"]
    taken = {"invitationId": invitation["id"]}
    refused = (await stranger.data(REVOKE_INVITATION, input=taken))["revokeOrganisationInvitation"]
    assert refused == {"__typename": "NotFound", "code": "NOT_FOUND"}
    assert (await owner.data(REVOKE_INVITATION, input=taken))["revokeOrganisationInvitation"] == {
        "__typename": "RevokeOrganisationInvitationSuccess"
    }
    assert await api.world.documents("organisation_invitations") == []
    unverified = await api.person("Mallory")
    token = await office.invite(unverified.email)
    assert await answered(unverified.client, ACCEPT, token) == "EMAIL_UNVERIFIED"


async def answered(client: GraphQLClient, document: str, token: str) -> str:
    """The code of the problem, or the name of the success."""
    (answer,) = (await client.data(document, input={"token": token})).values()
    return str(answer.get("code", answer["__typename"]))
