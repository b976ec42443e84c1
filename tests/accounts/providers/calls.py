"""Signing in and linking by a provider through the public API."""

from dataclasses import dataclass
from typing import Any

from domain.accounts.identities import ProvenIdentity
from domain.accounts.service import AccountService
from domain.accounts.services.emails import EmailService
from domain.kit.caller import UNKNOWN_CLIENT, Caller
from tests.accounts.letters import code_in
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import PASSWORD, Api, Person
from tests.world import APP

PROVIDERS = "{ signInProviders { name displayName } }"
IDENTITIES = "{ linkedIdentities { provider email linkedAt } viewer { hasPassword isEmailVerified displayName } }"
START = """
mutation($input: StartProviderSignInInput!) {
  startProviderSignIn(input: $input) {
    __typename ... on StartProviderSignInSuccess { authorizationUrl ticket expiresAt }
    ... on Problem { code message } ... on ValidationFailed { issues { path } }
    ... on SignInProviderUnavailable { provider }
  }
}
"""
COMPLETE = """
mutation($input: CompleteProviderSignInInput!) {
  completeProviderSignIn(input: $input) {
    __typename
    ... on CompleteProviderSignInSuccess {
      isNewAccount session { accessToken viewer { email displayName isEmailVerified hasPassword } }
    }
    ... on Problem { code message }
    ... on SecondFactorRequired { challenge }
    ... on AccountBeingDeleted { restoreToken }
    ... on IdentityLinkRequired { provider email }
    ... on ProviderEmailUnverified { provider }
    ... on SignInProviderUnavailable { provider }
  }
}
"""
START_LINK = """
mutation($input: StartProviderLinkInput!) {
  startProviderLink(input: $input) {
    __typename ... on StartProviderLinkSuccess { authorizationUrl ticket expiresAt } ... on Problem { code message }
  }
}
"""
COMPLETE_LINK = """
mutation($input: CompleteProviderLinkInput!) {
  completeProviderLink(input: $input) {
    __typename
    ... on CompleteProviderLinkSuccess { identity { provider email linkedAt } }
    ... on Problem { code message }
  }
}
"""
UNLINK = """
mutation($input: UnlinkProviderInput!) {
  unlinkProvider(input: $input) { __typename ... on Problem { code message } }
}
"""

Json = dict[str, Any]


@dataclass(frozen=True)
class Trip:
    """A browser that is back from the twin."""

    state: str
    code: str
    ticket: str

    def answer(self, **changes: str) -> Json:
        return {"state": self.state, "code": self.code, "ticket": self.ticket, **changes}


def ada(**changes: Any) -> ProvenIdentity:
    """What the twin says of Ada."""
    known = {"provider": "twin", "subject": "1001", "email": "ada@cadenza.example", "email_verified": True}
    return ProvenIdentity(**{**known, "display_name": "Ada Lovelace", **changes})


async def with_password(api: Api, email: str = "ada@cadenza.example") -> Person:
    """Somebody who signed up with a password and has not opened the link that was mailed."""
    session = await api.world.get(AccountService).sign_up(email, PASSWORD, "Ada")
    client = api.anonymous.with_token(session.access_token)
    return Person(Caller(session.account.id, session.id), client, email)


async def verified(api: Api, email: str = "ada@cadenza.example") -> Person:
    """Somebody who signed up with a password and opened the link."""
    person = await with_password(api, email)
    (mail,) = await api.world.mail_to(email)
    await api.world.get(EmailService).verify(code_in(mail), UNKNOWN_CLIENT)
    return person


async def start(client: GraphQLClient, provider: str = "twin", redirect_uri: str = APP) -> Json:
    return await _one(client, START, {"provider": provider, "redirectUri": redirect_uri})


async def start_link(client: GraphQLClient, password: str, provider: str = "twin", redirect_uri: str = APP) -> Json:
    given = {"provider": provider, "redirectUri": redirect_uri, "password": password}
    return await _one(client, START_LINK, given)


async def complete(client: GraphQLClient, answer: Json) -> Json:
    return await _one(client, COMPLETE, answer)


async def complete_link(client: GraphQLClient, answer: Json) -> Json:
    return await _one(client, COMPLETE_LINK, answer)


async def unlink(person: Person, provider: str = "twin") -> Json:
    return await _one(person.client, UNLINK, {"provider": provider})


async def trip(api: Api, identity: ProvenIdentity) -> Trip:
    """To the twin and back, to sign in."""
    return back(api, await start(api.anonymous), identity)


async def linking_trip(api: Api, person: Person, password: str, identity: ProvenIdentity) -> Trip:
    """To the twin and back, to link."""
    return back(api, await start_link(person.client, password), identity)


def back(api: Api, started: Json, identity: ProvenIdentity) -> Trip:
    state, code = api.world.provider.signs_in(identity)
    return Trip(state, code, started["ticket"])


async def _one(client: GraphQLClient, document: str, given: Json) -> Json:
    (found,) = (await client.data(document, input=given)).values()
    answer: Json = found
    return answer
