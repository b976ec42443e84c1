"""An account, what it may do, and what a sign-up must look like. Pure data and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kit.errors import Issue
from domain.kit.prose import text_issues

MIN_PASSWORD = 8
MAX_PASSWORD = 256
MAX_DISPLAY_NAME = 80
MAX_EMAIL = 254
# They stand for themselves in quoted local parts only (RFC 5321), which next to nobody has and mail programs trip over.
MARKS_OF_MAIL = frozenset(' ()<>[]:;,\\"')


class Role(StrEnum):
    """What a person is to the platform; each role may do all that the ones before it may."""

    LISTENER = "LISTENER"
    ARTIST = "ARTIST"
    MODERATOR = "MODERATOR"
    ADMIN = "ADMIN"


class Permission(StrEnum):
    """What services ask for, beyond what everybody may do with their own things."""

    PUBLISH = "PUBLISH"
    MODERATE = "MODERATE"
    TEND_DEAD_LETTERS = "TEND_DEAD_LETTERS"


_ARTIST = frozenset({Permission.PUBLISH})
_MODERATOR = _ARTIST | {Permission.MODERATE}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.LISTENER: frozenset(),
    Role.ARTIST: _ARTIST,
    Role.MODERATOR: _MODERATOR,
    Role.ADMIN: _MODERATOR | {Permission.TEND_DEAD_LETTERS},
}


REFUSALS: Mapping[Permission, str] = {
    Permission.PUBLISH: "Only artists may publish. Ask those who run this server to make your account an artist's.",
    Permission.MODERATE: "Only a moderator may do this.",
    Permission.TEND_DEAD_LETTERS: "Only an administrator may do this.",
}


@dataclass(frozen=True)
class Account:
    id: str
    email: str
    display_name: str
    created_at: datetime
    role: Role = Role.LISTENER
    email_verified: bool = False
    erase_at: datetime | None = None
    has_password: bool = True

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


def normalise_email(text: str) -> str:
    """E-mail addresses are compared without case and surrounding space."""
    return text.strip().casefold()


def sign_up_issues(email: str, password: str, display_name: str) -> list[Issue]:
    """Everything that keeps a sign-up from being accepted."""
    issues = email_issues(email) + password_issues(password)
    return issues + text_issues("displayName", display_name.strip(), 1, MAX_DISPLAY_NAME, "A display name")


def email_issues(email: str, path: str = "email") -> list[Issue]:
    """An address is only checked for its rough form: whether it exists is shown by mail to it, not by a pattern."""
    local, _, host = email.rpartition("@")
    is_plain = email.isprintable() and MARKS_OF_MAIL.isdisjoint(email)
    if not local or "@" in local or "." not in host.strip(".") or len(email) > MAX_EMAIL or not is_plain:
        return [Issue(path, "This is not an e-mail address.")]
    return []


def password_issues(password: str, path: str = "password") -> list[Issue]:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return [Issue(path, f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")]
    return []
