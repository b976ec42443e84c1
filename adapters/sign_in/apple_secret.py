"""Apple's client secret: a token that a team's key signs, for minutes."""

from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from domain.kit.clock import Clock

SECRET_SECONDS = 300


@dataclass(frozen=True)
class AppleKey:
    """The key of a developer team; `pem` is the content of the `.p8` file."""

    team_id: str
    key_id: str
    pem: str = field(repr=False)

    def imported(self) -> ECKey:
        """Raises `ValueError` for what is no P-256 key."""
        try:
            key = ECKey.import_key(self.pem)
        except (JoseError, ValueError, TypeError) as error:
            raise ValueError("is not the content of a .p8 file") from error
        if key.curve_name != "P-256" or not key.is_private:
            raise ValueError("is not a private key on the curve P-256")
        return key


class AppleSecret:
    """Makes the client secret anew for each use, so that none of them is worth stealing."""

    def __init__(self, client_id: str, key: AppleKey, audience: str, clock: Clock) -> None:
        self._client_id = client_id
        self._key = key
        self._signing = key.imported()
        self._audience = audience
        self._clock = clock

    def __call__(self) -> str:
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._key.team_id,
            "sub": self._client_id,
            "aud": self._audience,
            "iat": now,
            "exp": now + SECRET_SECONDS,
        }
        return jwt.encode({"alg": "ES256", "kid": self._key.key_id}, claims, self._signing, algorithms=["ES256"])
