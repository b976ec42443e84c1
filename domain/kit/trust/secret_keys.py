"""Keys for programs: how one is written, recognised and hashed, and what a new one must look like. Pure."""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.kit.caller import Scope
from domain.kit.errors import Issue
from domain.kit.prose import text_issues

PREFIX_LENGTH = 8
# 62^43 is a little more than 2^256.
SECRET_LENGTH = 43
CHECKSUM_LENGTH = 6
MAX_NAME = 80

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_REST = rf"([0-9A-Za-z]{{{PREFIX_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"


@dataclass(frozen=True)
class KeyForm:
    """`<mark><prefix>_<secret><checksum>`. A scanner finds leaked keys by the mark and checks them by the sum."""

    mark: str
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", re.compile(re.escape(self.mark) + _REST))

    def new(self) -> str:
        prefix, secret = _random(PREFIX_LENGTH), _random(SECRET_LENGTH)
        return f"{self.mark}{prefix}_{secret}{_checksum(prefix, secret)}"

    def prefix_of(self, text: str) -> str | None:
        """The public part of a well-formed key; None for anything else, which then costs no query."""
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        prefix, secret, checksum = found.groups()
        return prefix if hmac.compare_digest(checksum, _checksum(prefix, secret)) else None


def hash_of(text: str) -> str:
    """SHA-256 in hex. A slow hash is for passwords, which can be guessed; 256 random bits cannot."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_key_issues(name: str, scopes: Sequence[Scope], expires_at: datetime | None, now: datetime) -> list[Issue]:
    issues = text_issues("name", name.strip(), 1, MAX_NAME, "A name")
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
