"""How wallets and transfers lie in MongoDB, and what MongoDB itself refuses to keep."""

from datetime import datetime
from typing import Any, ClassVar

import pymongo
from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel

from domain.credits.model import Account, TransferKind

WHOLE = ["int", "long"]
NOT_NEGATIVE = {"bsonType": WHOLE, "minimum": 0}


class PostingPart(BaseModel):
    account: Account
    amount: int


class BalancesPart(BaseModel):
    plan: int
    packs: int
    held: int


class WalletDocument(Document):
    """One per person, under the account's id."""

    id: str
    plan_id: str
    plan_credits: int
    pack_credits: int
    held: int
    period_start: datetime
    period_end: datetime
    anchored_at: datetime
    revision: int

    class Settings:
        name = "credit_wallets"
        validator: ClassVar[dict[str, Any]] = {
            "$jsonSchema": {
                "required": ["plan_credits", "pack_credits", "held", "revision"],
                "properties": {
                    "plan_credits": NOT_NEGATIVE,
                    "pack_credits": NOT_NEGATIVE,
                    "held": NOT_NEGATIVE,
                    "revision": {"bsonType": WHOLE, "minimum": 1},
                },
            }
        }


class TransferDocument(Document):
    """One movement. `sequence` is the wallet's revision after it, so a chain has no gap and no fork."""

    id: str
    owner_id: str
    sequence: int
    kind: TransferKind
    reference: str
    postings: list[PostingPart]
    balances: BalancesPart
    job_id: str | None = None
    note: str = ""
    created_at: datetime

    class Settings:
        name = "credit_transfers"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", pymongo.ASCENDING), ("reference", pymongo.ASCENDING)], unique=True),
            IndexModel([("owner_id", pymongo.ASCENDING), ("sequence", pymongo.DESCENDING)], unique=True),
        ]
        validator: ClassVar[dict[str, Any]] = {
            "$jsonSchema": {
                "required": ["owner_id", "sequence", "kind", "reference", "postings", "balances", "created_at"],
                "properties": {
                    "owner_id": {"bsonType": "string"},
                    "sequence": {"bsonType": WHOLE, "minimum": 1},
                    "kind": {"enum": [kind.value for kind in TransferKind]},
                    "reference": {"bsonType": "string", "minLength": 1},
                    "postings": {
                        "bsonType": "array",
                        "minItems": 2,
                        "items": {
                            "required": ["account", "amount"],
                            "properties": {
                                "account": {"enum": [account.value for account in Account]},
                                "amount": {"bsonType": WHOLE},
                            },
                        },
                    },
                    "balances": {
                        "required": ["plan", "packs", "held"],
                        "properties": {"plan": NOT_NEGATIVE, "packs": NOT_NEGATIVE, "held": NOT_NEGATIVE},
                    },
                },
            },
            "$expr": {"$eq": [{"$sum": "$postings.amount"}, 0]},
        }
