"""Ports to password hashing and to signed tokens."""

from datetime import datetime
from typing import Protocol


class PasswordHasher(Protocol):
    """A slow, salted hash. Both calls take tens of milliseconds of CPU and run off the event loop."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, hashed: str, password: str) -> bool: ...


class TokenSigner(Protocol):
    """Signs and reads small claims for one audience, so that a token for one purpose is useless for another."""

    def sign(self, audience: str, subject: str, expires_at: datetime) -> str: ...

    def read(self, audience: str, token: str) -> str | None:
        """The subject, or None when the token is forged, expired or meant for another audience."""
        ...
