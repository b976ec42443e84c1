"""Encryption at rest: compact JWE with AES-256-GCM (RFC 7516), under a key of its own for each purpose."""

import json
from base64 import urlsafe_b64decode
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.kit.trust.credentials import KeyRing

ALGORITHMS = ["dir", "A256GCM"]


class JoseBox:
    """Seals under the current secret, opens under any that is accepted."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, purpose: str, text: str) -> str:
        key_id = self._ring.current_id
        header = {"alg": "dir", "enc": "A256GCM", "kid": key_id}
        return jwe.encrypt_compact(header, text.encode(), self._key(key_id, purpose), algorithms=ALGORITHMS)

    def open(self, purpose: str, sealed: str) -> str | None:
        def key_of(found: Any) -> OctKey:
            return self._key(str(found.headers().get("kid")), purpose)

        try:
            opened = jwe.decrypt_compact(sealed, key_of, algorithms=ALGORITHMS)
        except (JoseError, ValueError, KeyError):
            return None
        return None if opened.plaintext is None else opened.plaintext.decode()

    def is_outdated(self, sealed: str) -> bool:
        header = sealed.partition(".")[0]
        try:
            read = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
            return bool(read["kid"] != self._ring.current_id)
        except (ValueError, TypeError, KeyError):
            return True

    def _key(self, key_id: str, purpose: str) -> OctKey:
        return OctKey.import_key(self._ring.derive(key_id, f"box: {purpose}"))
