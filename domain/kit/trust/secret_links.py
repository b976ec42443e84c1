"""Links that open something to whoever has them: how their secrets are made, found again and kept."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from domain.kit.trust.credentials import SecretBox

SECRET_BYTES = 24
_SECRET = re.compile(r"[0-9A-Za-z_-]{32}")


@dataclass(frozen=True)
class SecretLink:
    """What is kept of a secret of 192 bits: its SHA-256 to find it by, and itself sealed, to be shown to its owner."""

    hash: str
    sealed: str


def hash_of(secret: str) -> str | None:
    """What to look for; None for a text that is no secret, which then costs no query.

    The database compares hashes, so the time that takes tells nothing of a secret that is almost right.
    """
    return hashlib.sha256(secret.encode()).hexdigest() if _SECRET.fullmatch(secret) else None


class LinkSealer:
    """Makes links of one kind. `purpose` keeps what is sealed here from being opened elsewhere."""

    def __init__(self, box: SecretBox, purpose: str) -> None:
        self._box = box
        self._purpose = purpose

    def new(self) -> SecretLink:
        return self._sealed(secrets.token_urlsafe(SECRET_BYTES))

    def secret_of(self, link: SecretLink) -> str | None:
        """None when it was sealed under a server secret that is not accepted any more; the link itself goes on."""
        return self._box.open(self._purpose, link.sealed)

    def anew(self, link: SecretLink) -> SecretLink | None:
        """The same link sealed under the server secret of today; None when it is that already, or cannot be opened."""
        secret = self.secret_of(link) if self._box.is_outdated(link.sealed) else None
        return None if secret is None else self._sealed(secret)

    def _sealed(self, secret: str) -> SecretLink:
        return SecretLink(hashlib.sha256(secret.encode()).hexdigest(), self._box.seal(self._purpose, secret))
