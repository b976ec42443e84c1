"""Signed tokens: compact JWS with HMAC-SHA-256 (RFC 7515, RFC 7519), one audience each."""

from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.kit.clock import Clock

ALGORITHM = "HS256"
ISSUER = "cadenza"


class JoseTokenSigner:
    """The algorithm is fixed on both sides, so a token cannot choose how it is checked."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = OctKey.import_key(secret)
        self._clock = clock

    def sign(self, audience: str, subject: str, expires_at: datetime) -> str:
        claims = {"iss": ISSUER, "aud": audience, "sub": subject, "exp": int(expires_at.timestamp())}
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)

    def read(self, audience: str, token: str) -> str | None:
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            registry.validate(decoded.claims)
        except (JoseError, ValueError):
            return None
        return str(decoded.claims["sub"])
