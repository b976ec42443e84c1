"""What people are to an organisation, as the schema shows it."""

from enum import Enum

import strawberry


@strawberry.enum(description="What a person is to an organisation; each may do all that the ones before it may.")
class OrganisationRole(Enum):
    MEMBER = strawberry.enum_value("MEMBER", description="Looks at members, keys, operations and usage.")
    ADMIN = strawberry.enum_value("ADMIN", description="Invites and changes members, changes keys and operations.")
    OWNER = strawberry.enum_value("OWNER", description="Appoints and removes owners.")
