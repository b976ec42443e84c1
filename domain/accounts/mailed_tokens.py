"""Secrets that go out by mail, each for one use of one kind. Pure."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TokenPurpose(StrEnum):
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105
    CHANGE_EMAIL = "CHANGE_EMAIL"


LIFETIMES: Mapping[TokenPurpose, timedelta] = {
    TokenPurpose.VERIFY_EMAIL: timedelta(hours=24),
    TokenPurpose.RESET_PASSWORD: timedelta(hours=1),
    TokenPurpose.CHANGE_EMAIL: timedelta(hours=24),
}


@dataclass(frozen=True)
class MailedToken:
    """What a token stands for: whose it is, and the address that it proves."""

    account_id: str
    purpose: TokenPurpose
    email: str
    expires_at: datetime


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token: nobody can try 2^256 of them, so SHA-256 suffices."""
    return hashlib.sha256(token.encode()).hexdigest()
