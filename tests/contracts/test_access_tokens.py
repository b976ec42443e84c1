"""What access tokens and the rotation of server secrets promise."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapters.jose_tokens import ACCESS_AUDIENCE, JoseAccessTokens, JoseTokenSigner
from domain.kit.trust.credentials import AccessClaims, KeyRing
from tests.world import TurnableClock

SECRET = "a secret of thirty-two characters"
OLDER = "an older secret of many characters"
RING = KeyRing.of(SECRET, "new", {"old": OLDER})


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def tokens(clock: TurnableClock) -> JoseAccessTokens:
    return JoseAccessTokens(RING, clock)


def claims(clock: TurnableClock) -> AccessClaims:
    now = clock.now().replace(microsecond=0)
    return AccessClaims("ada", "session", now, now + timedelta(minutes=15))


def test_a_token_gives_back_what_it_says(tokens: JoseAccessTokens, clock: TurnableClock) -> None:
    said = claims(clock)
    token = tokens.sign(said)
    assert tokens.read(token) == said
    header = part(token, 0)
    assert header == {"alg": "HS256", "typ": "at+jwt", "kid": "new"}
    assert set(part(token, 1)) == {"iss", "aud", "sub", "sid", "iat", "exp"}


def test_a_token_ends_also_one_that_was_good_before(tokens: JoseAccessTokens, clock: TurnableClock) -> None:
    said = claims(clock)
    token = tokens.sign(said)
    assert [tokens.read(token) for _ in range(2)] == [said, said]
    clock.advance(14 * 60)
    assert tokens.read(token) == said
    clock.advance(60 + 1)
    assert tokens.read(token) is None


def test_a_secret_that_is_still_accepted_opens_older_tokens_and_signs_no_new_ones(clock: TurnableClock) -> None:
    # given a token from before the rotation
    token = JoseAccessTokens(KeyRing.of(OLDER, "old"), clock).sign(claims(clock))
    # then it is good during the rotation, and not after it
    assert JoseAccessTokens(RING, clock).read(token) == claims(clock)
    assert JoseAccessTokens(KeyRing.of(SECRET, "new"), clock).read(token) is None
    # and new tokens name the new secret
    assert part(JoseAccessTokens(RING, clock).sign(claims(clock)), 0)["kid"] == "new"


@pytest.mark.parametrize("key_id", [None, "", "other", "old", 7])
def test_a_token_cannot_choose_a_key_that_it_was_not_signed_with(
    tokens: JoseAccessTokens, clock: TurnableClock, key_id: object
) -> None:
    good = tokens.sign(claims(clock))
    header = {**part(good, 0), "kid": key_id}
    assert tokens.read(".".join([encoded(header), *good.split(".")[1:]])) is None


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", "at+JWT+x"])
def test_a_token_of_another_type_is_worthless(tokens: JoseAccessTokens, clock: TurnableClock, kind: str | None) -> None:
    header = {"alg": "HS256", "kid": "new", **({} if kind is None else {"typ": kind})}
    good = part(tokens.sign(claims(clock)), 1)
    assert tokens.read(signed(header, good)) is None
    assert tokens.read(signed({**header, "typ": "at+jwt"}, good)) == claims(clock)


def test_a_token_for_a_purpose_is_no_access_token(tokens: JoseAccessTokens, clock: TurnableClock) -> None:
    later = clock.now() + timedelta(hours=1)
    assert tokens.read(JoseTokenSigner(RING, clock).sign(ACCESS_AUDIENCE, "ada", later)) is None
    assert JoseTokenSigner(RING, clock).read(ACCESS_AUDIENCE, tokens.sign(claims(clock))) is None


@pytest.mark.parametrize(
    "change",
    [{"iss": "somebody"}, {"aud": "cadenza:playback"}, {"sub": None}, {"sid": None}, {"exp": None}, {"iat": None}],
    ids=lambda change: next(iter(change)),
)
def test_a_token_with_a_wrong_or_missing_claim_is_worthless(
    tokens: JoseAccessTokens, clock: TurnableClock, change: Mapping[str, str | None]
) -> None:
    good = {**part(tokens.sign(claims(clock)), 1), **change}
    kept = {name: value for name, value in good.items() if value is not None}
    assert tokens.read(signed({"alg": "HS256", "typ": "at+jwt", "kid": "new"}, kept)) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "HS512", "RS256", "ES256"])
def test_a_token_cannot_choose_how_it_is_checked(
    tokens: JoseAccessTokens, clock: TurnableClock, algorithm: str
) -> None:
    _, body, signature = tokens.sign(claims(clock)).split(".")
    header = encoded({"alg": algorithm, "typ": "at+jwt", "kid": "new"})
    for forged in (f"{header}.{body}.{signature}", f"{header}.{body}.", f"{header}.{body}"):
        assert tokens.read(forged) is None


def test_a_token_of_a_key_pair_is_worthless_whatever_it_calls_itself(
    tokens: JoseAccessTokens, clock: TurnableClock
) -> None:
    pair = RSAKey.generate_key(2048)
    good = part(tokens.sign(claims(clock)), 1)
    assert tokens.read(jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": "new"}, good, pair)) is None
    # nor one that is signed by its public half as if that were the secret
    message = f"{encoded({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'new'})}.{encoded(good)}"
    signature = hmac.digest(pair.as_pem(private=False), message.encode(), hashlib.sha256)
    assert tokens.read(f"{message}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}") is None


def test_a_changed_token_is_worthless(tokens: JoseAccessTokens, clock: TurnableClock) -> None:
    header, body, signature = tokens.sign(claims(clock)).split(".")
    bob = tokens.sign(replace(claims(clock), account_id="bob")).split(".")[1]
    assert tokens.read(f"{header}.{bob}.{signature}") is None
    assert tokens.read(f"{header}.{body}.{signature[:-4]}AAAA") is None


def test_a_key_ring_does_not_show_its_secrets() -> None:
    assert SECRET not in repr(RING)
    assert OLDER not in repr(RING)


def test_each_purpose_and_each_secret_has_a_key_of_its_own() -> None:
    derived = {RING.derive(key_id, purpose) for key_id in RING.ids() for purpose in ("tags", "successors")}
    assert len(derived) == 4
    assert {len(key) for key in derived} == {32}


def signed(header: dict[str, str], body: dict[str, object]) -> str:
    return jwt.encode(header, body, OctKey.import_key(SECRET))


def part(token: str, number: int) -> dict[str, object]:
    text = token.split(".")[number]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def encoded(fields: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
