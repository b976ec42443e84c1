"""How accounts, their sessions and the log of security events lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from domain.accounts.audit import SecurityEventKind
from domain.accounts.mailed_tokens import TokenPurpose
from domain.accounts.model import Role
from domain.accounts.provider_attempts import AttemptPurpose
from domain.kit.caller import Scope


class IdentityRecord(BaseModel):
    """One of an account's identities; `key` is the provider's name and the subject, by which it is found."""

    key: str
    provider: str
    subject: str
    email: str | None
    linked_at: datetime


class AccountDocument(Document):
    """Without a password an account is signed in to by its identities only, of which it has one for a provider.

    One that is to be erased has `erase_at` and the `pseudonym` that will stand in the books for it.
    """

    id: str
    email: str
    display_name: str
    password_hash: str | None = None
    created_at: datetime
    role: Role = Role.LISTENER
    email_verified_at: datetime | None = None
    identities: list[IdentityRecord] = Field(default_factory=list)
    erase_at: datetime | None = None
    pseudonym: str | None = None
    is_being_erased: bool = False

    class Settings:
        name = "accounts"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("email", pymongo.ASCENDING)], unique=True),
            IndexModel(
                [("identities.key", pymongo.ASCENDING)],
                unique=True,
                partialFilterExpression={"identities.key": {"$exists": True}},
            ),
            IndexModel([("erase_at", pymongo.ASCENDING)], partialFilterExpression={"erase_at": {"$type": "date"}}),
        ]


class SessionDocument(Document):
    """A session that was not ended. MongoDB removes it when it expires."""

    id: str
    account_id: str
    generation: int
    token_hash: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str
    user_agent: str

    class Settings:
        name = "sessions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("account_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0),
        ]


class ApiKeyDocument(Document):
    """A key that was not revoked. An expired one stays for its owner to see."""

    id: str
    account_id: str
    name: str
    prefix: str
    key_hash: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    class Settings:
        name = "api_keys"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("prefix", pymongo.ASCENDING)], unique=True),
            IndexModel([("account_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
        ]


class SecurityEventDocument(Document):
    """Is only ever added to; MongoDB removes what is too old, and erasures put pseudonyms for people who are gone."""

    id: str
    account_id: str
    kind: SecurityEventKind
    at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    detail: dict[str, str] = Field(default_factory=dict)

    class Settings:
        name = "security_events"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("account_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0),
            IndexModel(
                [("detail.account", pymongo.ASCENDING)],
                partialFilterExpression={"detail.account": {"$type": "string"}},
                name="people",
            ),
        ]


class MailedTokenDocument(Document):
    """Its id is the hash of the token. It is removed when it is used."""

    id: str
    account_id: str
    purpose: TokenPurpose
    email: str
    expires_at: datetime

    class Settings:
        name = "mailed_tokens"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("account_id", pymongo.ASCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0),
        ]


class ProviderAttemptDocument(Document):
    """Its id is the hash of the state. It is removed when the browser comes back with the ticket."""

    id: str
    ticket_hash: str
    provider: str
    purpose: AttemptPurpose
    account_id: str
    redirect_uri: str
    expires_at: datetime

    class Settings:
        name = "provider_attempts"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("account_id", pymongo.ASCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)], expireAfterSeconds=0),
        ]


class SecondFactorDocument(Document):
    """One per account, under its id. `last_step` is the time step of the last code that was taken."""

    id: str
    sealed_secret: str
    is_on: bool = False
    last_step: int = 0
    recovery_hashes: list[str] = Field(default_factory=list)
    created_at: datetime

    class Settings:
        name = "second_factors"


class ExportDocument(Document):
    """An export of a person's data that lies in object storage."""

    id: str
    account_id: str
    created_at: datetime
    expires_at: datetime

    class Settings:
        name = "account_exports"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("account_id", pymongo.ASCENDING)]),
            IndexModel([("expires_at", pymongo.ASCENDING)]),
        ]
