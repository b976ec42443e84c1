"""Time-based one-time passwords (RFC 6238) and the recovery codes beside them. Pure."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp

ISSUER = "Cadenza"
STEP_SECONDS = 30
# One step to either side, for clocks that are a little off (RFC 6238, 5.2).
WINDOW = (0, -1, 1)
RECOVERY_CODES = 10
RECOVERY_GROUPS = 4
RECOVERY_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_secret() -> str:
    """160 random bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def enrolment_uri(secret: str, email: str) -> str:
    """What authenticator apps read from a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, within the window around now; None for a wrong code."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    given = code.strip().replace(" ", "").encode()
    for offset in WINDOW:
        if hmac.compare_digest(totp.generate_otp(present + offset).encode(), given):
            return present + offset
    return None


def new_recovery_codes() -> Sequence[str]:
    """Codes of 80 random bits, written for people: `ABCD-EFGH-JKLM-NPQR`."""
    return ["-".join(_group() for _ in range(RECOVERY_GROUPS)) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """SHA-256 of the code, however it was typed; 80 random bits need no slow hash."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _group() -> str:
    return "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(4))
