"""How organisations, their keys and their operations lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.kit.caller import Scope
from domain.partners.model import MemberRole
from domain.partners.operations import OperationType


class MemberPart(BaseModel):
    account_id: str
    role: MemberRole
    since: datetime


class BudgetPart(BaseModel):
    capacity: int
    restore_per_second: float


class OrganisationDocument(Document):
    """`slot` is a number below the greatest count of organisations, and taken once by each founder.

    A deleted one has `deleted_at` and no members. It has `erase_at` and the `pseudonym` that stands in the books for it
    until what it made is gone; its place is taken until `place_free_at`.
    """

    id: str
    name: str
    founder_id: str
    slot: int
    created_at: datetime
    members: list[MemberPart]
    budget: BudgetPart | None = None
    deleted_at: datetime | None = None
    erase_at: datetime | None = None
    pseudonym: str | None = None
    place_free_at: datetime | None = None

    class Settings:
        name = "organisations"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("founder_id", pymongo.ASCENDING), ("slot", pymongo.ASCENDING)], unique=True),
            IndexModel([("members.account_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("erase_at", pymongo.ASCENDING)], partialFilterExpression={"erase_at": {"$type": "date"}}),
            IndexModel(
                [("place_free_at", pymongo.ASCENDING)], partialFilterExpression={"place_free_at": {"$type": "date"}}
            ),
        ]


class InvitationDocument(Document):
    """An invitation that was not answered. MongoDB removes it when it expires."""

    id: str
    organisation_id: str
    email: str
    role: MemberRole
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    token_hash: str

    class Settings:
        name = "organisation_invitations"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("organisation_id", pymongo.ASCENDING), ("email", pymongo.ASCENDING)], unique=True),
            IndexModel([("token_hash", pymongo.ASCENDING)], unique=True),
            IndexModel([("email", pymongo.ASCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0),
        ]


class PartnerKeyDocument(Document):
    """A key that was not revoked. An expired one stays for members to see."""

    id: str
    organisation_id: str
    name: str
    prefix: str
    key_hash: str
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    class Settings:
        name = "partner_keys"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("prefix", pymongo.ASCENDING)], unique=True),
            IndexModel([("organisation_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
        ]


class UsageDocument(Document):
    """Its id is made of organisation, day and digest. MongoDB removes it after more than a year."""

    id: str
    organisation_id: str
    day: str
    digest: str
    name: str | None
    calls: int
    cost: int
    errors: int
    expires_at: datetime

    class Settings:
        name = "partner_usage"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("organisation_id", pymongo.ASCENDING), ("day", pymongo.ASCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0),
        ]


class OperationDocument(Document):
    """`names` are its digest and its aliases: what it can be asked for by."""

    id: str
    organisation_id: str
    digest: str
    names: list[str] = Field(default_factory=list)
    text: str
    name: str | None
    type: OperationType
    cost: int
    registered_at: datetime
    registered_by: str

    class Settings:
        name = "partner_operations"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("organisation_id", pymongo.ASCENDING), ("names", pymongo.ASCENDING)], unique=True),
            IndexModel([("organisation_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
        ]
