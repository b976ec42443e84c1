"""An attempt to sign in by a provider: what is made for it, and the little that is kept of it. Pure."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.accounts.identity_provider import AuthorizationRequest

LIFETIME = timedelta(minutes=10)
# No provider comes near it; RFC 6749 sets no limit.
MAX_CODE = 4096


class AttemptPurpose(StrEnum):
    SIGN_IN = "SIGN_IN"
    LINK = "LINK"


@dataclass(frozen=True)
class ProviderAttempt:
    """What is kept until the browser comes back: hashes only, and nothing that a thief of the database could use.

    `account_id` is who wants to link, and empty for a sign-in.
    """

    state_hash: str
    ticket_hash: str
    provider: str
    purpose: AttemptPurpose
    account_id: str
    redirect_uri: str
    expires_at: datetime


@dataclass(frozen=True)
class StartedAttempt:
    """Where the browser goes, and the ticket that stays with whoever began."""

    authorization_url: str = field(repr=False)
    ticket: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class ProviderAnswer:
    """What the browser came back with, and the ticket that it had kept."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    ticket: str = field(repr=False)
    issuer: str | None = None


def new_secret() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """SHA-256 suffices: nobody can try 2^256 secrets."""
    return hashlib.sha256(secret.encode()).hexdigest()


def request_of(redirect_uri: str, state: str, ticket: str) -> AuthorizationRequest:
    """Nonce and verifier are made of the ticket, so they need not be kept, and no other ticket gives them."""
    return AuthorizationRequest(redirect_uri, state, _made_of(ticket, "nonce"), _made_of(ticket, "code verifier"))


def _made_of(ticket: str, purpose: str) -> str:
    """43 characters of base 64, as RFC 7636 recommends for a verifier."""
    digest = hmac.digest(ticket.encode(), purpose.encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")
