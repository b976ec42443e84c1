"""An organisation with people in it, for tests."""

from dataclasses import dataclass

import strawberry
from strawberry.relay.utils import to_base64

from domain.accounts.service import AccountService
from domain.accounts.services.sessions import SessionService
from domain.kit.caller import Caller, Scope
from domain.kit.ids import new_id
from domain.partners.model import MemberRole, Organisation
from domain.partners.operations import OperationUpload
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import OrganisationService
from graphql_api.core.documents.prices import PriceList
from graphql_api.core.documents.reading import Documents
from graphql_api.core.policy import DocumentLimits
from graphql_api.partners.inspection import DocumentInspector
from tests.accounts.letters import code_in
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import PASSWORD, Api
from tests.world import World

TRACKS = "query Tracks { tracks(first: 5) { edges { node { id title } } } }"
VIEWER = "query Viewer { viewer { id } }"


@dataclass(frozen=True)
class Office:
    """`owner` founded the organisation; `id` is its global id."""

    world: World
    owner: Caller
    organisation: Organisation

    @property
    def id(self) -> str:
        return to_base64("Organisation", self.organisation.id)

    async def hire(self, role: MemberRole, name: str = "Bob") -> tuple[Caller, str]:
        """A new person with this role, and the address."""
        caller, email = await verified_person(self.world, name)
        await self.world.get(InvitationService).accept(caller, await self.invite(email, role))
        return caller, email

    async def invite(self, email: str, role: MemberRole = MemberRole.MEMBER) -> str:
        """The code of the letter that invites an address."""
        await self.world.get(InvitationService).invite(self.owner, self.organisation.id, email, role)
        return code_in((await self.world.mail_to(email.strip().lower()))[-1])

    async def key(self, *scopes: Scope) -> str:
        """The text of a new key."""
        _, text = await self.world.get(PartnerKeyService).create(
            self.owner, self.organisation.id, "Server", scopes or None
        )
        return text

    async def client(self, api: Api, *scopes: Scope) -> GraphQLClient:
        """What the organisation's server calls with."""
        return api.anonymous.with_token(await self.key(*scopes))


async def open_office(world: World, name: str = "Acme") -> Office:
    owner, _ = await verified_person(world, "Ada")
    return Office(world, owner, await world.get(OrganisationService).found(owner, name))


async def verified_person(world: World, name: str) -> tuple[Caller, str]:
    """A new account whose address was shown to be the person's."""
    email = f"{new_id().lower()}@cadenza.example"
    session = await world.get(AccountService).sign_up(email, PASSWORD, name)
    accounts = world.client[world.database]["accounts"]
    await accounts.update_one({"_id": session.account.id}, {"$set": {"email_verified_at": world.clock.now()}})
    return Caller(session.account.id, session.id), email


async def signed_in(api: Api, caller: Caller) -> GraphQLClient:
    """A client with a session of its own of this person."""
    account = await api.world.get(AccountService).viewer(caller)
    assert account is not None
    session = await api.world.get(SessionService).start(account)
    return api.anonymous.with_token(session.access_token)


async def publish(office: Office, schema: strawberry.Schema, *documents: str | OperationUpload) -> list[str]:
    """The ids of what was registered."""
    core = schema._schema
    inspector = DocumentInspector(Documents(core, PriceList(core, {}), DocumentLimits(), kept=10))
    uploads = [OperationUpload(one) if isinstance(one, str) else one for one in documents]
    registry = office.world.get(OperationRegistry)
    return [one.id for one in await registry.register(office.owner, office.organisation.id, uploads, inspector)]
