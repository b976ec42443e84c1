"""Partner keys: with one of them a server calls as its organisation. Pure."""

from dataclasses import dataclass
from datetime import datetime

from domain.kit.caller import Caller, Credential, Scope
from domain.kit.rate_limit import Bucket
from domain.kit.trust.secret_keys import KeyForm

FORM = KeyForm("cdz_partner_")
MAX_KEYS = 50
# What a server needs to make songs, fetch them and be told of their end.
USUAL_SCOPES = (Scope.GENERATE, Scope.JOBS, Scope.LIBRARY, Scope.CREDITS, Scope.WEBHOOKS)


@dataclass(frozen=True)
class PartnerKey:
    """A key as members see it again later: by its prefix."""

    id: str
    organisation_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def as_caller(self, budget: Bucket | None) -> Caller:
        """The organisation itself."""
        return Caller(
            self.organisation_id,
            scopes=self.scopes,
            credential=Credential.PARTNER_KEY,
            key_id=self.id,
            budget=budget,
        )
