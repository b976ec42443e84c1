"""An account, a session, and what a sign-up must look like. Pure data and rules."""

from dataclasses import dataclass
from datetime import datetime

from domain.kit.errors import Issue

MIN_PASSWORD = 8
MAX_PASSWORD = 256
MAX_DISPLAY_NAME = 80
MAX_EMAIL = 254


@dataclass(frozen=True)
class Account:
    id: str
    email: str
    display_name: str
    created_at: datetime
    is_admin: bool = False


@dataclass(frozen=True)
class Session:
    """What a client gets for its credentials; the token goes into the Authorization header."""

    account: Account
    access_token: str
    expires_at: datetime


def normalise_email(text: str) -> str:
    """E-mail addresses are compared without case and surrounding space."""
    return text.strip().casefold()


def sign_up_issues(email: str, password: str, display_name: str) -> list[Issue]:
    """Everything that keeps a sign-up from being accepted; an address is only checked for its rough form.

    Whether an address exists is shown by mail to it, not by a pattern.
    """
    issues = []
    local, _, host = email.rpartition("@")
    if not local or "." not in host.strip(".") or len(email) > MAX_EMAIL or any(map(str.isspace, email)):
        issues.append(Issue("email", "This is not an e-mail address."))
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        issues.append(Issue("password", f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."))
    if not 1 <= len(display_name.strip()) <= MAX_DISPLAY_NAME:
        issues.append(Issue("displayName", f"A display name has 1 to {MAX_DISPLAY_NAME} characters."))
    return issues
