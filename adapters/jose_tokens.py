"""Signed tokens: compact JWS with HMAC-SHA-256 (RFC 7515, RFC 7519), one audience and one type each."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.kit.clock import Clock
from domain.kit.trust.credentials import AccessClaims, KeyRing
from domain.kit.trust.short_trust import ShortTrust

ALGORITHM = "HS256"
ISSUER = "cadenza"
PLAIN = "JWT"
# RFC 9068: an access token says so in its header, so that no other token passes for one.
ACCESS = "at+jwt"
ACCESS_AUDIENCE = "cadenza:access"
KEPT_TOKENS = 4096
KEPT_FOR = timedelta(hours=1)


class _Jws:
    """The algorithm is fixed on both sides, so a token cannot choose how it is checked. `kid` only chooses a key."""

    def __init__(self, ring: KeyRing, clock: Clock, kind: str) -> None:
        self._keys = {key_id: OctKey.import_key(secret) for key_id, secret in ring.secrets.items()}
        self._current_id = ring.current_id
        self._clock = clock
        self._kind = kind
        # Of what made a token good once, nothing but the time changes until it expires; and people come again with it.
        self._good: ShortTrust[dict[str, Any]] = ShortTrust(clock, KEPT_FOR, KEPT_TOKENS)

    def sign(self, claims: Mapping[str, Any]) -> str:
        header = {"alg": ALGORITHM, "typ": self._kind, "kid": self._current_id}
        return jwt.encode(header, {"iss": ISSUER, **claims}, self._keys[self._current_id])

    def read(self, token: str, audience: str, essential: tuple[str, ...]) -> dict[str, Any] | None:
        key = f"{audience} {token}"
        claims = self._good.get(key)
        if claims is None and (claims := self._checked(token, audience, essential)) is not None:
            self._good.put(key, claims, datetime.fromtimestamp(claims["exp"], UTC))
        return claims

    def _checked(self, token: str, audience: str, essential: tuple[str, ...]) -> dict[str, Any] | None:
        options: dict[str, Any] = {name: {"essential": True} for name in (*essential, "exp")}
        options["iss"] = {"essential": True, "value": ISSUER}
        options["aud"] = {"essential": True, "value": audience}
        registry = jwt.JWTClaimsRegistry(now=lambda: int(self._clock.now().timestamp()), **options)
        try:
            claims = self._verify(token)
            registry.validate(claims)
        except (JoseError, ValueError):
            return None
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature is good, whatever they say; raises `JoseError` and `ValueError`."""
        decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
        if decoded.header.get("typ") != self._kind:
            raise ValueError("a token for something else")
        return decoded.claims

    def _key(self, found: Any) -> OctKey:
        """The key that the header names; raises `ValueError` for one that is not accepted."""
        key = self._keys.get(str(found.headers().get("kid")))
        if key is None:
            raise ValueError("unknown key id")
        return key


class JoseTokenSigner:
    """Tokens for one purpose each, named by their audience."""

    def __init__(self, ring: KeyRing, clock: Clock) -> None:
        self._jws = _Jws(ring, clock, PLAIN)

    def sign(self, audience: str, subject: str, expires_at: datetime) -> str:
        return self._jws.sign({"aud": audience, "sub": subject, "exp": int(expires_at.timestamp())})

    def read(self, audience: str, token: str) -> str | None:
        claims = self._jws.read(token, audience, ("sub",))
        return None if claims is None else str(claims["sub"])


class JoseAccessTokens:
    """Access tokens by RFC 9068, with the session in `sid`."""

    def __init__(self, ring: KeyRing, clock: Clock) -> None:
        self._jws = _Jws(ring, clock, ACCESS)

    def sign(self, claims: AccessClaims) -> str:
        return self._jws.sign(
            {
                "aud": ACCESS_AUDIENCE,
                "sub": claims.account_id,
                "sid": claims.session_id,
                "iat": int(claims.issued_at.timestamp()),
                "exp": int(claims.expires_at.timestamp()),
            }
        )

    def read(self, token: str) -> AccessClaims | None:
        claims = self._jws.read(token, ACCESS_AUDIENCE, ("sub", "sid", "iat"))
        if claims is None:
            return None
        return AccessClaims(
            account_id=str(claims["sub"]),
            session_id=str(claims["sid"]),
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
