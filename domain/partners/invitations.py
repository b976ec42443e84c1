"""Invitations: an address is asked to become a member, and nobody is one before saying yes. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.partners.model import MemberRole, Organisation

LIFETIME = timedelta(days=7)
MAX_INVITATIONS = 50


@dataclass(frozen=True)
class Invitation:
    """One that was not answered yet. The secret that answers it is only in the letter."""

    id: str
    organisation_id: str
    email: str
    role: MemberRole
    invited_by: str
    invited_at: datetime
    expires_at: datetime

    def is_honoured_by(self, organisation: Organisation) -> bool:
        """Whether whoever wrote it may still give the role: an invitation is worth no more than its author."""
        return organisation.may_appoint(self.invited_by, self.role)


@dataclass(frozen=True)
class ReceivedInvitation:
    """An invitation as the invited person sees it."""

    invitation: Invitation
    organisation: Organisation
