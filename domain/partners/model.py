"""Organisations, their members, and who may do what in them. Pure data and rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kit.errors import Issue
from domain.kit.prose import text_issues
from domain.kit.rate_limit import Bucket

MAX_NAME = 80
MAX_MEMBERS = 100
# Each organisation has a wallet with a free plan of its own.
MAX_FOUNDED = 5


class MemberRole(StrEnum):
    """What a person is to an organisation; each role may do all that the ones before it may."""

    MEMBER = "MEMBER"
    ADMIN = "ADMIN"
    OWNER = "OWNER"


@dataclass(frozen=True)
class Member:
    account_id: str
    role: MemberRole
    since: datetime


@dataclass(frozen=True)
class Organisation:
    """`budget` is None where the usual one of partners holds."""

    id: str
    name: str
    founder_id: str
    created_at: datetime
    members: Sequence[Member]
    budget: Bucket | None = None

    def role_of(self, account_id: str) -> MemberRole | None:
        return next((member.role for member in self.members if member.account_id == account_id), None)

    def is_managed_by(self, account_id: str) -> bool:
        """Whether this person may change members, keys and operations."""
        return self.role_of(account_id) in MANAGERS

    def may_appoint(self, account_id: str, role: MemberRole) -> bool:
        """Whether this person may make somebody that."""
        own = self.role_of(account_id)
        return own is MemberRole.OWNER or (own is MemberRole.ADMIN and role is not MemberRole.OWNER)


MANAGERS = (MemberRole.ADMIN, MemberRole.OWNER)


def name_issues(name: str) -> list[Issue]:
    return text_issues("name", name.strip(), 1, MAX_NAME, "A name")
