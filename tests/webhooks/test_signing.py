"""Signatures, held against the specification's own library and its published example."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import binary, characters, text
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.jose_box import JoseBox
from domain.kit.trust.credentials import KeyRing
from domain.webhooks.sealing import EndpointSealer, Unsealable
from domain.webhooks.signing import SignatureInvalid, new_secret, signed_headers, verify

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def test_the_example_of_the_specification_has_the_signature_it_says() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], at
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@given(text(characters(codec="utf-8")))
def test_the_library_of_the_specification_accepts_what_is_signed_now(body: str) -> None:
    secret = new_secret()
    headers = signed_headers("msg_1", body.encode(), [secret], datetime.now(UTC))
    Webhook(secret).verify(body, headers, json_parse=False)


def test_with_several_secrets_every_holder_of_one_can_verify() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers("msg_1", b"{}", [new, old], datetime.now(UTC))
    for secret in (old, new):
        assert Webhook(secret).verify("{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify("{}", headers)


@given(binary())
def test_what_is_signed_is_verified(body: bytes) -> None:
    secret, other = new_secret(), new_secret()
    verify(signed_headers("msg_1", body, [other, secret], NOW), body, secret, NOW)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_message_with_a_header_changed_or_left_out_is_not_verified(changed: str) -> None:
    secret = new_secret()
    headers = signed_headers("msg_1", b"{}", [secret], NOW)
    with pytest.raises(SignatureInvalid):
        verify({**headers, changed: headers[changed] + "0"}, b"{}", secret, NOW)
    with pytest.raises(SignatureInvalid):
        verify({name: value for name, value in headers.items() if name != changed}, b"{}", secret, NOW)


def test_a_changed_body_or_an_old_message_is_not_verified() -> None:
    secret = new_secret()
    headers = signed_headers("msg_1", b"{}", [secret], NOW)
    with pytest.raises(SignatureInvalid, match="no signature"):
        verify(headers, b"{ }", secret, NOW)
    for minutes in (-6, 6):
        with pytest.raises(SignatureInvalid, match="five minutes"):
            verify(headers, b"{}", secret, NOW + timedelta(minutes=minutes))


def test_secrets_are_long_random_and_marked() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {secret[:6] for secret in secrets} == {"whsec_"}
    assert {len(secret) for secret in secrets} == {50}


def test_sealed_secrets_open_with_any_accepted_secret_and_are_renewed_under_the_present_one() -> None:
    old, new = KeyRing.of("an old key of thirty-two characters", "1"), "a new key of thirty-two characters"
    both = EndpointSealer(JoseBox(KeyRing.of(new, "2", old.secrets)))
    sealed = EndpointSealer(JoseBox(old)).seal("whsec_x")
    assert "whsec_x" not in sealed
    assert both.open(sealed) == "whsec_x"
    # given a secret that is sealed anew, which needs the old one no more
    only_new, renewed = EndpointSealer(JoseBox(KeyRing.of(new, "2"))), both.renewed(sealed)
    assert renewed is not None
    assert only_new.open(renewed) == "whsec_x"
    assert (both.renewed(renewed), only_new.renewed(renewed)) == (None, None)
    with pytest.raises(Unsealable):
        only_new.open(sealed)
    with pytest.raises(Unsealable):
        both.open(JoseBox(old).seal("another purpose", "whsec_x"))
