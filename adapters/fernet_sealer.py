"""Small secrets encrypted with Fernet (AES-128-CBC with HMAC-SHA256), by keys derived with HKDF (RFC 5869)."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.webhooks.sender import Unsealable


class FernetSealer:
    """Seals with the first of the secrets, opens with any, so that a new one can be put before the old."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        self._box = MultiFernet([Fernet(_key(secret, purpose)) for secret in secrets])

    def seal(self, text: str) -> str:
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises `Unsealable` for what none of the keys opens."""
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken as error:
            raise Unsealable() from error


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
