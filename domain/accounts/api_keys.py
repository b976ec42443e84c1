"""API keys: how one is written, recognised and hashed, and what a new one must look like. Pure."""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.kit.caller import Caller, Credential, Scope
from domain.kit.errors import Issue

MARK = "cdz_live_"
PREFIX_LENGTH = 8
# 62^43 is a little more than 2^256.
SECRET_LENGTH = 43
CHECKSUM_LENGTH = 6
MAX_NAME = 80
MAX_KEYS = 50

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FORM = re.compile(rf"{MARK}([0-9A-Za-z]{{{PREFIX_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{6}})")


@dataclass(frozen=True)
class ApiKey:
    """A key as its owner sees it again later: by its prefix."""

    id: str
    account_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def as_caller(self) -> Caller:
        return Caller(self.account_id, scopes=self.scopes, credential=Credential.API_KEY, key_id=self.id)


def new_key() -> str:
    """`cdz_live_<prefix>_<secret><checksum>`. A scanner finds leaked keys by the mark and checks them by the sum."""
    prefix, secret = _random(PREFIX_LENGTH), _random(SECRET_LENGTH)
    return f"{MARK}{prefix}_{secret}{_checksum(prefix, secret)}"


def prefix_of(text: str) -> str | None:
    """The public part of a well-formed key; None for anything else, which then costs no query."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    prefix, secret, checksum = found.groups()
    return prefix if hmac.compare_digest(checksum, _checksum(prefix, secret)) else None


def hash_of(text: str) -> str:
    """SHA-256 in hex. A slow hash is for passwords, which can be guessed; 256 random bits cannot."""
    return hashlib.sha256(text.encode()).hexdigest()


def key_issues(name: str, scopes: Sequence[Scope], expires_at: datetime | None, now: datetime) -> list[Issue]:
    issues = []
    if not 1 <= len(name.strip()) <= MAX_NAME:
        issues.append(Issue("name", f"A name has 1 to {MAX_NAME} characters."))
    if not scopes:
        issues.append(Issue("scopes", "A key without any scope can do nothing."))
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now):
        issues.append(Issue("expiresAt", "This is not a moment in the future with an offset from UTC."))
    return issues


def _random(length: int) -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(length))


def _checksum(prefix: str, secret: str) -> str:
    """CRC-32 in base 62."""
    number, digits = zlib.crc32(f"{prefix}_{secret}".encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits
