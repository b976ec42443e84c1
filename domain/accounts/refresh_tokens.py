"""Refresh tokens: 256 secret bits each, made of their predecessor, and tagged so that forgeries cost no query. Pure."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from domain.kit.trust.credentials import KeyRing

SECRET_BYTES = 32
TAG_BYTES = 16
TAGS = "tags of refresh tokens"
SUCCESSORS = "successors of refresh tokens"

_FORM = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.(\d{1,9})\.([\w-]{43})\.([\w-]{22})", re.ASCII)


@dataclass(frozen=True)
class RefreshToken:
    """One link of a session's chain. `generation` counts rotations; `key_id` names the secret it stands on."""

    session_id: str
    generation: int
    key_id: str
    secret: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What the database keeps: SHA-256 suffices, because nobody can try 2^256 secrets."""
        return hashlib.sha256(self.secret).hexdigest()


class RefreshTokens:
    """A successor is an HMAC of its predecessor, so a lost answer can be given again and nothing secret is stored.

    A chain stays on the server secret that it began with: a secret that is dropped takes its sessions along.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def first(self, session_id: str) -> RefreshToken:
        return RefreshToken(session_id, 0, self._ring.current_id, secrets.token_bytes(SECRET_BYTES))

    def successor(self, token: RefreshToken) -> RefreshToken:
        key = self._ring.derive(token.key_id, SUCCESSORS)
        secret = hmac.digest(key, _message(token.session_id, token.generation, token.secret), hashlib.sha256)
        return RefreshToken(token.session_id, token.generation + 1, token.key_id, secret)

    def write(self, token: RefreshToken) -> str:
        parts = [token.session_id, str(token.generation), _encoded(token.secret), _encoded(self._tag(token))]
        return ".".join(parts)

    def read(self, text: str) -> RefreshToken | None:
        """None for what was never given out under a secret that is still accepted."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        session_id, generation, secret, tag = found.groups()
        for key_id in self._ring.ids():
            token = RefreshToken(session_id, int(generation), key_id, _decoded(secret))
            if hmac.compare_digest(self._tag(token), _decoded(tag)):
                return token
        return None

    def _tag(self, token: RefreshToken) -> bytes:
        message = _message(token.session_id, token.generation, token.secret)
        return hmac.digest(self._ring.derive(token.key_id, TAGS), message, hashlib.sha256)[:TAG_BYTES]


def _message(session_id: str, generation: int, secret: bytes) -> bytes:
    return f"{session_id}.{generation}.".encode() + secret


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
