"""Who is calling, with what, and from where. Services take a `Caller` first and decide by it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.kit.errors import Forbidden, Unauthenticated
from domain.kit.rate_limit import Bucket


class Scope(StrEnum):
    """What an API key may be allowed. A person's own session is allowed everything."""

    GENERATE = "GENERATE"
    JOBS = "JOBS"
    UPLOAD = "UPLOAD"
    LIBRARY = "LIBRARY"
    CREDITS = "CREDITS"
    ACCOUNT_READ = "ACCOUNT_READ"
    WEBHOOKS = "WEBHOOKS"


class Credential(StrEnum):
    """What a call is signed with."""

    SESSION = "SESSION"
    API_KEY = "API_KEY"
    PARTNER_KEY = "PARTNER_KEY"


@dataclass(frozen=True)
class Client:
    """Where a call comes from: the address of the peer, and what it calls itself. Both may be empty."""

    address: str = ""
    user_agent: str = ""


UNKNOWN_CLIENT = Client()

Audience = tuple[str | None, frozenset[Scope] | None, Credential]


@dataclass(frozen=True)
class Caller:
    """A person's session or key, an organisation's key, or nobody when `account_id` is None.

    An organisation's id stands where a person's account id does. `scopes` are None where all is allowed. `budget` is
    what an organisation was granted in place of the usual one.
    """

    account_id: str | None
    session_id: str | None = None
    scopes: frozenset[Scope] | None = None
    credential: Credential = Credential.SESSION
    key_id: str | None = None
    budget: Bucket | None = None

    @property
    def audience(self) -> "Audience":
        """What decides what this caller may see: two callers with the same one see the same."""
        return self.account_id, self.scopes, self.credential

    @property
    def credential_id(self) -> str | None:
        """The session or the key that the call is signed with."""
        return self.session_id if self.credential is Credential.SESSION else self.key_id

    @property
    def is_partner(self) -> bool:
        """Whether an organisation calls."""
        return self.credential is Credential.PARTNER_KEY

    def require(self, *any_of: Scope) -> str:
        """The account id; raises `Unauthenticated` for nobody, and `Forbidden` for a key without one of these scopes.

        Without scopes every credential will do.
        """
        if self.account_id is None:
            raise Unauthenticated()
        if any_of and self.scopes is not None and self.scopes.isdisjoint(any_of):
            raise Forbidden(f"This API key lacks the scope {' or '.join(any_of)}. Make one that has it.")
        return self.account_id

    def require_partner(self) -> str:
        """The organisation's id; raises `Forbidden` for people and their keys."""
        organisation_id = self.require()
        if not self.is_partner:
            raise Forbidden("Only the servers of an organisation may do this. Use one of its partner keys.")
        return organisation_id

    def require_person(self) -> str:
        """The account id of somebody who signed in; raises `Forbidden` for an API key."""
        account_id = self.require()
        if self.credential is not Credential.SESSION:
            raise Forbidden("An API key may not do this. Sign in with your password and use that session.")
        return account_id


ANONYMOUS = Caller(account_id=None)
