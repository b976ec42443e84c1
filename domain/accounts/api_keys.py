"""API keys: what belongs to a person's programs. Pure."""

from dataclasses import dataclass
from datetime import datetime

from domain.kit.caller import Caller, Credential, Scope
from domain.kit.trust.secret_keys import KeyForm

FORM = KeyForm("cdz_live_")
MAX_KEYS = 50


@dataclass(frozen=True)
class ApiKey:
    """A key as its owner sees it again later: by its prefix."""

    id: str
    account_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def as_caller(self) -> Caller:
        return Caller(self.account_id, scopes=self.scopes, credential=Credential.API_KEY, key_id=self.id)
