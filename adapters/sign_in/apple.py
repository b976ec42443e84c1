"""Sign in with Apple: OpenID Connect, with a client secret that is a signed token and answers that are posted."""

from adapters.sign_in.apple_secret import AppleKey, AppleSecret
from adapters.sign_in.code_flow import Registration
from adapters.sign_in.oidc import OidcProvider, Traits
from adapters.sign_in.outbound import BoundedTransport
from domain.kit.clock import Clock

NAME = "apple"
ISSUER = "https://appleid.apple.com"
SCOPES = ("openid", "email", "name")


def apple_provider(
    client_id: str,
    key: AppleKey,
    returns_to: str,
    transport: BoundedTransport,
    clock: Clock,
    issuer: str = ISSUER,
) -> OidcProvider:
    """Apple answers by a form to `returns_to` when it is asked for an address. It verifies all that it tells."""
    registration = Registration(NAME, "Apple", client_id, AppleSecret(client_id, key, issuer, clock), SCOPES)
    traits = Traits({"response_mode": "form_post"}, lambda claims: True, returns_to)
    return OidcProvider(registration, issuer, traits, transport, clock)
