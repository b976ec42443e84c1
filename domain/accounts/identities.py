"""Who somebody is elsewhere: what a provider proves of a person, and what is linked with an account. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from domain.accounts.model import MAX_DISPLAY_NAME, MAX_EMAIL

PROVIDER_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class ProvenIdentity:
    """What a provider says of somebody who has just signed in there.

    `subject` names the person for ever; an address may go to somebody else. With `links_by_email` the provider's word
    about a verified address suffices to link an account that has it.
    """

    provider: str
    subject: str
    email: str | None
    email_verified: bool
    display_name: str | None = None
    links_by_email: bool = True


@dataclass(frozen=True)
class LinkedIdentity:
    """A way to sign in to an account by a provider; `email` is what that person's address there was at the time."""

    provider: str
    subject: str
    email: str | None
    linked_at: datetime

    @classmethod
    def of(cls, proven: ProvenIdentity, now: datetime) -> "LinkedIdentity":
        email = proven.email or ""
        is_fit = email.isprintable() and 1 <= len(email) <= MAX_EMAIL
        return cls(proven.provider, proven.subject, email if is_fit else None, now)

    @property
    def key(self) -> str:
        """What no two accounts have in common."""
        return f"{self.provider}:{self.subject}"


def display_name_of(identity: ProvenIdentity, offered: str | None) -> str:
    """The name that the provider tells, else the one that the person offers, else the first half of the address."""
    local_part = (identity.email or "").partition("@")[0]
    names = (tidied(text) for text in (identity.display_name, offered, local_part, identity.provider) if text)
    return next(filter(None, names), identity.provider)


def tidied(text: str) -> str:
    """In one line, without what cannot be seen, and no longer than a display name may be."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())[:MAX_DISPLAY_NAME].rstrip()
