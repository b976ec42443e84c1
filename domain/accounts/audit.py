"""What the log of security events tells. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SecurityEventKind(StrEnum):
    SIGNED_UP = "SIGNED_UP"
    SIGNED_IN = "SIGNED_IN"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    ATTEMPTS_THROTTLED = "ATTEMPTS_THROTTLED"
    SIGNED_OUT = "SIGNED_OUT"
    SESSION_ENDED = "SESSION_ENDED"
    SESSIONS_ENDED = "SESSIONS_ENDED"
    REFRESH_REUSED = "REFRESH_REUSED"
    ROLE_CHANGED = "ROLE_CHANGED"
    API_KEY_CREATED = "API_KEY_CREATED"
    API_KEY_REVOKED = "API_KEY_REVOKED"


@dataclass(frozen=True)
class SecurityEvent:
    """One fact about one account. `detail` holds names and ids, never a secret."""

    id: str
    account_id: str
    kind: SecurityEventKind
    at: datetime
    address: str
    user_agent: str
    detail: Mapping[str, str] = field(default_factory=dict)
