"""Only what the gateway has signed, and lately, is read."""

import pytest

from adapters.payments.sandbox_gateway import SandboxGateway
from adapters.payments.stripe_events import StripeEventReader
from domain.payments.events import Unhandled
from domain.payments.gateway import InvalidSignature
from tests.payments.stripe_shapes import event, seconds, signed
from tests.world import TurnableClock

SECRET = "whsec_right"
PAYLOAD = event("ping", {"object": "nothing"}, 1_700_000_000, "evt_7")


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def reader(clock: TurnableClock) -> StripeEventReader:
    return StripeEventReader(SECRET, lambda price: None, clock)


def now(clock: TurnableClock) -> int:
    return seconds(clock.now())


def test_what_is_signed_rightly_is_read(reader: StripeEventReader, clock: TurnableClock) -> None:
    read = reader.read(PAYLOAD, signed(PAYLOAD, SECRET, now(clock)))
    assert (read.id, read.change, seconds(read.created_at)) == ("evt_7", Unhandled("ping"), 1_700_000_000)


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed(
    reader: StripeEventReader, clock: TurnableClock
) -> None:
    at = now(clock)
    right = signed(PAYLOAD, SECRET, at).partition(",")[2]
    header = f"{signed(PAYLOAD, 'whsec_old', at)},{right},v0=abc"
    assert reader.read(PAYLOAD, header).id == "evt_7"


def test_another_secret_is_refused(reader: StripeEventReader, clock: TurnableClock) -> None:
    with pytest.raises(InvalidSignature):
        reader.read(PAYLOAD, signed(PAYLOAD, "whsec_wrong", now(clock)))


def test_a_changed_body_is_refused(reader: StripeEventReader, clock: TurnableClock) -> None:
    header = signed(PAYLOAD, SECRET, now(clock))
    for changed in (PAYLOAD.replace(b"evt_7", b"evt_8"), PAYLOAD + b" ", b""):
        with pytest.raises(InvalidSignature):
            reader.read(changed, header)


def test_a_changed_time_is_refused(reader: StripeEventReader, clock: TurnableClock) -> None:
    at = now(clock)
    with pytest.raises(InvalidSignature):
        reader.read(PAYLOAD, signed(PAYLOAD, SECRET, at).replace(f"t={at}", f"t={at + 1}"))


@pytest.mark.parametrize("seconds_ago, is_read", [(0, True), (298, True), (302, False), (-298, True), (-302, False)])
def test_messages_live_for_five_minutes(
    reader: StripeEventReader, clock: TurnableClock, seconds_ago: int, is_read: bool
) -> None:
    header = signed(PAYLOAD, SECRET, now(clock) - seconds_ago)
    if is_read:
        assert reader.read(PAYLOAD, header).id == "evt_7"
    else:
        with pytest.raises(InvalidSignature):
            reader.read(PAYLOAD, header)


@pytest.mark.parametrize(
    "header", ["", "t=", "v1=abc", "t=1,v1=", "t=x,v1=abc", "nonsense", "t=1;v1=abc", "t=1,v1=é", "t=" + "9" * 5000]
)
def test_a_header_of_another_form_is_refused(reader: StripeEventReader, header: str) -> None:
    with pytest.raises(InvalidSignature):
        reader.read(PAYLOAD, header)


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"no json"])
def test_a_body_that_is_no_event_is_refused_even_when_it_is_signed(
    reader: StripeEventReader, clock: TurnableClock, payload: bytes
) -> None:
    at = now(clock)
    header = signed(payload, SECRET, at) if payload.isascii() else "t=1,v1=abc"
    with pytest.raises(InvalidSignature):
        reader.read(payload, header)


def test_the_age_is_measured_on_our_clock(reader: StripeEventReader, clock: TurnableClock) -> None:
    header = signed(PAYLOAD, SECRET, now(clock))
    clock.advance(302)
    with pytest.raises(InvalidSignature):
        reader.read(PAYLOAD, header)


def test_the_test_gateway_is_as_strict(clock: TurnableClock) -> None:
    gateway = SandboxGateway(NoTokens(), clock, SECRET, "http://cadenza.example")
    assert gateway.read_event(PAYLOAD, signed(PAYLOAD, SECRET, now(clock))).id == "evt_7"
    with pytest.raises(InvalidSignature):
        gateway.read_event(PAYLOAD, signed(PAYLOAD, "whsec_wrong", now(clock)))


class NoTokens:
    """A signer that this needs none of."""

    def sign(self, audience: str, subject: str, expires_at: object) -> str:
        raise AssertionError(audience)

    def read(self, audience: str, token: str) -> str | None:
        raise AssertionError(audience)
