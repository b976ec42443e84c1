"""How endpoints and deliveries lie in MongoDB."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel

from domain.webhooks.model import DeliveryStatus, EndpointStatus, WebhookEvent
from domain.webhooks.sender import DeliveryProblem

DELIVERY_SECONDS = 30 * 24 * 3600


class SecretPart(BaseModel):
    sealed: str
    expires_at: datetime | None


class EndpointDocument(Document):
    """`slot` is a number below the greatest count of endpoints, and taken once by each owner."""

    id: str
    owner_id: str
    slot: int
    url: str
    events: list[WebhookEvent]
    description: str
    status: EndpointStatus
    secrets: list[SecretPart]
    created_at: datetime
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0

    class Settings:
        name = "webhook_endpoints"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("slot", pymongo.ASCENDING)], unique=True),
        ]


class AttemptPart(BaseModel):
    at: datetime
    seconds: float
    status: int | None
    problem: DeliveryProblem | None
    excerpt: str


class DeliveryDocument(Document):
    """`claim` is the token of the attempt that is going on; `due_at` is then when that attempt counts as lost."""

    id: str
    endpoint_id: str
    owner_id: str
    type: str
    job_id: str | None
    body: str
    status: DeliveryStatus
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    tries: int = 0
    claim: str | None = None
    delivered_at: datetime | None = None
    last: AttemptPart | None = None

    class Settings:
        name = "webhook_deliveries"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("due_at", pymongo.ASCENDING), ("endpoint_id", pymongo.ASCENDING), ("owner_id", pymongo.ASCENDING)],
                partialFilterExpression={"status": DeliveryStatus.PENDING.value},
                name="due",
            ),
            IndexModel([("endpoint_id", pymongo.ASCENDING), ("_id", pymongo.DESCENDING)]),
            IndexModel([("created_at", pymongo.ASCENDING)], expireAfterSeconds=DELIVERY_SECONDS),
        ]
