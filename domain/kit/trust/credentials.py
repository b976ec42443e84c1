"""Ports to password hashing and to signed tokens, and the secrets that they stand on."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class PasswordHasher(Protocol):
    """A slow, salted hash. Both calls take tens of milliseconds of CPU and run off the event loop."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, hashed: str, password: str) -> bool: ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        ...


class TokenSigner(Protocol):
    """Signs and reads small claims for one audience, so that a token for one purpose is useless for another."""

    def sign(self, audience: str, subject: str, expires_at: datetime) -> str: ...

    def read(self, audience: str, token: str) -> str | None:
        """The subject, or None when the token is forged, expired or meant for another audience."""
        ...


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says: whose session it is of, and from when to when it is good."""

    account_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime


class AccessTokens(Protocol):
    """Signs and reads the short-lived tokens that a client sends with every call (RFC 9068)."""

    def sign(self, claims: AccessClaims) -> str: ...

    def read(self, token: str) -> AccessClaims | None:
        """None when the token is forged, expired, or no access token."""
        ...


@dataclass(frozen=True)
class KeyRing:
    """Server secrets by id. The current one signs; the older ones are still accepted."""

    current_id: str
    secrets: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, secret: str, key_id: str = "1", accepted: Mapping[str, str] | None = None) -> "KeyRing":
        return cls(key_id, {**(accepted or {}), key_id: secret})

    def ids(self) -> list[str]:
        """All ids, the current one first."""
        return [self.current_id, *(key_id for key_id in self.secrets if key_id != self.current_id)]

    def derive(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for one purpose (HMAC-SHA-256 of the secret), so that no two uses share a key.

        Raises `KeyError` for an id that is not accepted any more.
        """
        return hmac.digest(self.secrets[key_id].encode(), purpose.encode(), hashlib.sha256)


class SecretBox(Protocol):
    """Encrypts what the database keeps and the server has to read again."""

    def seal(self, purpose: str, text: str) -> str: ...

    def open(self, purpose: str, sealed: str) -> str | None:
        """None when it was changed, sealed for another purpose, or under a secret that is not accepted any more."""
        ...

    def is_outdated(self, sealed: str) -> bool:
        """Whether a sealed text was sealed under another secret than that of today."""
        ...
