"""What is Apple's own about an OpenID provider: a client secret that is a signed token, and no name in the ID token."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tests.accounts.providers.openid import CLIENT_ID, OpenIdServer

TEAM_ID = "TEAM123456"
KEY_ID = "KEY1234567"


def new_p8() -> str:
    """The content of a key file."""
    return ECKey.generate_key("P-256").as_pem(private=True).decode()


def opens_for(server: OpenIdServer, pem: str) -> None:
    """Makes the server take what this key signs, and tell of people as Apple does."""
    server.by_form = True
    server.is_secret = lambda secret: _is_apple_secret(server, pem, secret)
    server.person = {"sub": "1001", "email": "ada@cadenza.example", "email_verified": "true"}


def _is_apple_secret(server: OpenIdServer, pem: str, secret: str) -> bool:
    """ES256 by the team's key, for this client, and for less than six months."""
    now = int(server.clock.now().timestamp())
    expected: dict[str, Any] = {
        "iss": {"essential": True, "value": TEAM_ID},
        "sub": {"essential": True, "value": CLIENT_ID},
        "aud": {"essential": True, "value": server.issuer},
        "iat": {"essential": True},
        "exp": {"essential": True},
    }
    try:
        token = jwt.decode(secret, ECKey.import_key(pem), algorithms=["ES256"])
        jwt.JWTClaimsRegistry(now=now, **expected).validate(token.claims)
    except (JoseError, ValueError):
        return False
    return bool(token.header.get("kid") == KEY_ID and token.claims["exp"] - now < 180 * 24 * 3600)
