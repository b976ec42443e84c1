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
    API_KEYS_REVOKED = "API_KEYS_REVOKED"
    PARTNER_KEY_CREATED = "PARTNER_KEY_CREATED"
    PARTNER_KEY_REVOKED = "PARTNER_KEY_REVOKED"
    MEMBER_INVITED = "MEMBER_INVITED"
    INVITATION_REVOKED = "INVITATION_REVOKED"
    INVITATION_DECLINED = "INVITATION_DECLINED"
    MEMBER_APPOINTED = "MEMBER_APPOINTED"
    MEMBER_DISMISSED = "MEMBER_DISMISSED"
    EMAIL_VERIFIED = "EMAIL_VERIFIED"
    EMAIL_CHANGE_ASKED = "EMAIL_CHANGE_ASKED"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    PASSWORD_RESET_ASKED = "PASSWORD_RESET_ASKED"  # noqa: S105
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105
    IDENTITY_LINKED = "IDENTITY_LINKED"
    IDENTITY_UNLINKED = "IDENTITY_UNLINKED"
    SECOND_FACTOR_ON = "SECOND_FACTOR_ON"
    SECOND_FACTOR_OFF = "SECOND_FACTOR_OFF"
    SECOND_FACTOR_FAILED = "SECOND_FACTOR_FAILED"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"
    DELETION_ASKED = "DELETION_ASKED"
    ACCOUNT_RESTORED = "ACCOUNT_RESTORED"
    ACCOUNT_ERASED = "ACCOUNT_ERASED"
    DATA_EXPORTED = "DATA_EXPORTED"


@dataclass(frozen=True)
class SecurityEvent:
    """One fact about one account, or about an organisation under its own id.

    `detail` holds names and ids, never a secret.
    """

    id: str
    account_id: str
    kind: SecurityEventKind
    at: datetime
    address: str
    user_agent: str
    detail: Mapping[str, str] = field(default_factory=dict)
