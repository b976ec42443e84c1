"""Signatures of the Standard Webhooks specification (standardwebhooks.com), symmetric scheme `v1`. Pure."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

MARK = "whsec_"
SECRET_BYTES = 32
TOLERANCE_SECONDS = 300

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


class SignatureInvalid(Exception):
    """A message that does not come from the holder of the secret, or is too old or from the future."""


def new_secret() -> str:
    """A fresh secret as it is shown to its owner."""
    return MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(message_id: str, body: bytes, secrets_: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of one delivery, with one signature for each secret, the newest first."""
    timestamp = str(int(now.timestamp()))
    signatures = [_signature(secret, message_id, timestamp, body) for secret in secrets_]
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: " ".join(signatures)}


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Raises `SignatureInvalid` unless one of the signatures is right and the time is within five minutes."""
    message_id, timestamp = headers.get(ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureInvalid(f"the header {TIMESTAMP_HEADER} is missing or is no number")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureInvalid("the message is older or newer than five minutes")
    expected = _signature(secret, message_id, timestamp, body).encode()
    given = headers.get(SIGNATURE_HEADER, "").encode().split(b" ")
    if not any(hmac.compare_digest(expected, signature) for signature in given):
        raise SignatureInvalid("no signature fits the secret")


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(MARK))
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
