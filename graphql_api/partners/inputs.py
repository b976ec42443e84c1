"""What the mutations of partners take."""

from datetime import datetime

import strawberry

from graphql_api.accounts.api_key_types import ApiKeyScope
from graphql_api.core.idempotency import KEY_DESCRIPTION
from graphql_api.partners.role_types import OrganisationRole

ORGANISATION_ID = "The organisation's id."


@strawberry.input(description="A new organisation.")
class CreateOrganisationInput:
    name: str = strawberry.field(description="1 to 80 characters; stands on the tracks that its keys make.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="Another name for an organisation.")
class RenameOrganisationInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    name: str = strawberry.field(description="1 to 80 characters; tracks that are there keep the old one.")


@strawberry.input(description="An organisation to delete.")
class DeleteOrganisationInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    name: str = strawberry.field(
        description="The organisation's name just as it is, so that nobody deletes the wrong one."
    )


@strawberry.input(description="Who is asked to become a member.")
class InviteOrganisationMemberInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    email: str = strawberry.field(description="Where the letter goes; it needs no account yet.")
    role: OrganisationRole = strawberry.field(description="What the person is to be; owners are invited by owners.")


@strawberry.input(description="The code of an invitation's letter.")
class AcceptOrganisationInvitationInput:
    token: str = strawberry.field(description="The code.")


@strawberry.input(description="The code of an invitation's letter.")
class DeclineOrganisationInvitationInput:
    token: str = strawberry.field(description="The code.")


@strawberry.input(description="An invitation to take back.")
class RevokeOrganisationInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="Its id; see `Organisation.invitations`.")


@strawberry.input(description="Another role for a member.")
class ChangeOrganisationMemberRoleInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    email: str = strawberry.field(description="The address of the member's account.")
    role: OrganisationRole = strawberry.field(
        description="What the person is to be; only owners make and unmake owners."
    )


@strawberry.input(description="Who is to be no member any more.")
class RemoveOrganisationMemberInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    email: str = strawberry.field(description="The address of the person's account; your own to leave.")


@strawberry.input(description="A key for the organisation's servers.")
class CreatePartnerKeyInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    name: str = strawberry.field(description="1 to 80 characters, to tell it apart from the others.")
    scopes: list[ApiKeyScope] | None = strawberry.field(
        default=None, description="What it may do; GENERATE, JOBS, LIBRARY, CREDITS and WEBHOOKS if left out."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="When it stops working; else never.")


@strawberry.input(description="A partner key to revoke.")
class RevokePartnerKeyInput:
    partner_key_id: strawberry.ID = strawberry.field(description="Its id; see `Organisation.keys`.")


@strawberry.input(description="A document with one operation and the fragments that it needs.")
class OperationDocumentInput:
    text: str = strawberry.field(description="The exact text, by whose SHA-256 it will be asked for.")
    id: str | None = strawberry.field(
        default=None, description="The id that a tool gave it, such as Relay's MD5; it works beside the hash."
    )


@strawberry.input(description="Documents that the organisation's servers may run.")
class RegisterOperationsInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    documents: list[OperationDocumentInput] = strawberry.field(description="1 to 200 of them.")


@strawberry.input(description="Operations that the organisation's servers may run no more.")
class RetireOperationsInput:
    organisation_id: strawberry.ID = strawberry.field(description=ORGANISATION_ID)
    operation_ids: list[strawberry.ID] = strawberry.field(description="Their ids; see `registeredOperations`.")
