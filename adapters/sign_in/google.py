"""Sign in with Google."""

from adapters.sign_in.code_flow import Registration
from adapters.sign_in.oidc import Claims, OidcProvider, Traits
from adapters.sign_in.outbound import BoundedTransport
from domain.kit.clock import Clock

NAME = "google"
ISSUER = "https://accounts.google.com"
SCOPES = ("openid", "email", "profile")


def is_authoritative(claims: Claims) -> bool:
    """Whether Google keeps the mailbox. Of other addresses it only knows that they were verified once."""
    return str(claims.get("email", "")).lower().endswith("@gmail.com") or bool(claims.get("hd"))


def google_provider(
    client_id: str, client_secret: str, transport: BoundedTransport, clock: Clock, issuer: str = ISSUER
) -> OidcProvider:
    registration = Registration(NAME, "Google", client_id, lambda: client_secret, SCOPES)
    traits = Traits({"prompt": "select_account"}, is_authoritative)
    return OidcProvider(registration, issuer, traits, transport, clock)
