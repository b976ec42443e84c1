"""What password hashing, signed tokens and clocks promise."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from adapters.argon2_hasher import Argon2Hasher
from adapters.jose_tokens import JoseTokenSigner
from domain.kit.clock import Clock, SystemClock
from domain.kit.trust.credentials import KeyRing, PasswordHasher, TokenSigner
from tests.world import TurnableClock

SECRET = "a secret of thirty-two characters"
AUDIENCE = "cadenza:access"


@pytest.fixture
def hasher() -> PasswordHasher:
    return Argon2Hasher()


async def test_only_the_right_password_fits_its_hash(hasher: PasswordHasher) -> None:
    hashed = await hasher.hash("pässword 🎹")
    assert await hasher.verify(hashed, "pässword 🎹")
    assert not await hasher.verify(hashed, "pässword 🎸")
    assert not await hasher.verify(hashed, "")


async def test_a_hash_tells_neither_the_password_nor_that_two_are_the_same(hasher: PasswordHasher) -> None:
    first, second = await hasher.hash("the same"), await hasher.hash("the same")
    assert first != second
    assert "the same" not in first
    assert first.startswith("$argon2id$")


@pytest.mark.parametrize("hashed", ["", "plain text", "$argon2id$v=19$m=19456,t=2,p=1$broken"])
async def test_what_is_no_hash_fits_no_password(hasher: PasswordHasher, hashed: str) -> None:
    assert not await hasher.verify(hashed, "anything")


async def test_hashing_leaves_the_event_loop_free(hasher: PasswordHasher) -> None:
    hashing = asyncio.gather(*(hasher.hash("a password") for _ in range(8)))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert turns > 8
    assert len(await hashing) == 8


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def signer(clock: TurnableClock) -> TokenSigner:
    return JoseTokenSigner(KeyRing.of(SECRET), clock)


def soon(clock: Clock, seconds: float = 60.0) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


def test_a_token_gives_back_its_subject(signer: TokenSigner, clock: Clock) -> None:
    assert signer.read(AUDIENCE, signer.sign(AUDIENCE, "ada", soon(clock))) == "ada"


def test_a_token_fits_into_a_url(signer: TokenSigner, clock: Clock) -> None:
    token = signer.sign(AUDIENCE, "ada", soon(clock))
    assert all(letter.isascii() and (letter.isalnum() or letter in "-_.") for letter in token)


def test_a_token_for_another_audience_is_worthless(signer: TokenSigner, clock: Clock) -> None:
    assert signer.read("cadenza:playback", signer.sign(AUDIENCE, "ada", soon(clock))) is None


def test_a_token_ends(signer: TokenSigner, clock: TurnableClock) -> None:
    token = signer.sign(AUDIENCE, "ada", soon(clock, 60.0))
    clock.advance(58.0)
    assert signer.read(AUDIENCE, token) == "ada"
    clock.advance(4.0)
    assert signer.read(AUDIENCE, token) is None


def test_a_token_signed_with_another_secret_is_worthless(signer: TokenSigner, clock: Clock) -> None:
    forged = JoseTokenSigner(KeyRing.of("another secret of thirty-two letters"), clock).sign(
        AUDIENCE, "ada", soon(clock)
    )
    assert signer.read(AUDIENCE, forged) is None


def test_a_token_outlives_the_rotation_of_its_key_until_that_is_dropped(signer: TokenSigner, clock: Clock) -> None:
    # given addresses of playlists that were signed before the secret was changed
    newer = "a newer secret of thirty-two letters"
    before = signer.sign("cadenza:playback", "a version", soon(clock))
    # when all programs have both secrets, then these go on, and new ones need the new secret only
    both = JoseTokenSigner(KeyRing.of(newer, "2", {"1": SECRET}), clock)
    only = JoseTokenSigner(KeyRing.of(newer, "2"), clock)
    after = both.sign("cadenza:playback", "a version", soon(clock))
    assert [both.read("cadenza:playback", token) for token in (before, after)] == ["a version"] * 2
    # and when the older one is dropped, what it has signed ends
    assert [only.read("cadenza:playback", token) for token in (before, after)] == [None, "a version"]
    # and a name that is taken up again with another secret revives nothing
    reused = JoseTokenSigner(KeyRing.of(newer, "1"), clock)
    assert [reused.read("cadenza:playback", token) for token in (before, after)] == [None, None]


def test_a_token_with_changed_claims_is_worthless(signer: TokenSigner, clock: Clock) -> None:
    header, claims, signature = signer.sign(AUDIENCE, "ada", soon(clock)).split(".")
    changed = {**decoded(claims), "sub": "bob"}
    assert signer.read(AUDIENCE, ".".join([header, encoded(changed), signature])) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "RS256"])
def test_a_token_cannot_choose_how_it_is_checked(signer: TokenSigner, clock: Clock, algorithm: str) -> None:
    _, claims, signature = signer.sign(AUDIENCE, "ada", soon(clock)).split(".")
    header = encoded({"alg": algorithm, "typ": "JWT"})
    assert signer.read(AUDIENCE, f"{header}.{claims}.{signature}") is None
    assert signer.read(AUDIENCE, f"{header}.{claims}.") is None


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "exp"])
def test_a_token_lacking_a_claim_is_worthless(signer: TokenSigner, clock: Clock, missing: str) -> None:
    # given a token that is signed rightly but says too little
    claims = decoded(signer.sign(AUDIENCE, "ada", soon(clock)).split(".")[1])
    del claims[missing]
    token = jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(SECRET))
    # then nobody is let in by it
    assert signer.read(AUDIENCE, token) is None


@given(st.text(max_size=60) | st.tuples(st.text(), st.text(), st.text()).map(".".join))
def test_what_is_no_token_is_nobody(text: str) -> None:
    assert JoseTokenSigner(KeyRing.of(SECRET), SystemClock()).read(AUDIENCE, text) is None


@pytest.mark.parametrize("clock", [SystemClock(), TurnableClock()], ids=["system", "turnable"])
def test_a_clock_tells_utc_in_whole_milliseconds_as_mongodb_keeps_them(clock: Clock) -> None:
    before = time.time()
    now = clock.now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert before - 0.001 <= now.timestamp() <= time.time()


def encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def decoded(part: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found
