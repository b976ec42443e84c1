"""Reading ID tokens (OpenID Connect Core 1.0, 3.1.3.7): signature, issuer, audience, times and nonce."""

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, KeySet, OKPKey, RSAKey

from adapters.sign_in.answers import Unbelievable
from adapters.sign_in.outbound import NoSuchAnswer
from domain.kit.clock import Clock

# None of them can be forged by whoever knows the published keys.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_TYPES = frozenset({RSAKey.key_type, ECKey.key_type, OKPKey.key_type})
LEEWAY_SECONDS = 60
# OpenID Connect Core 1.0, 2.
MAX_SUBJECT = 255


def signing_keys(document: Mapping[str, Any]) -> KeySet:
    """The keys of a JWK set that can sign; those that nobody here understands do not matter.

    Raises `NoSuchAnswer`.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise NoSuchAnswer("no keys")
    found = [_key(each) for each in listed if isinstance(each, dict)]
    return KeySet([key for key in found if key is not None])


def _key(data: dict[str, Any]) -> Key | None:
    if data.get("kty") not in KEY_TYPES or data.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


class IdTokenReader:
    """For the tokens of one issuer to one client."""

    def __init__(self, issuer: str, client_id: str, clock: Clock) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._clock = clock

    def read(self, token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        """The claims; raises `JoseError` and `Unbelievable`, and `InvalidKeyIdError` for a key that is not there."""
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (ValueError, TypeError, RecursionError) as error:
            raise Unbelievable("no ID token") from error
        self._registry().validate(claims)
        self._check_parties(claims)
        if claims["nonce"] != nonce:
            raise Unbelievable("another nonce")
        if len(claims["sub"]) > MAX_SUBJECT or not claims["sub"].isascii():
            raise Unbelievable("a subject that is none")
        return claims

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        )

    def _check_parties(self, claims: Mapping[str, Any]) -> None:
        """A token for several audiences names the one that it was made for."""
        audiences: Sequence[str] = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        party = claims.get("azp", self._client_id if len(audiences) == 1 else None)
        if party != self._client_id:
            raise Unbelievable("another authorized party")
