"""Which settings of payments go together, and what is opened by them."""

import pytest

from adapters.payments.sandbox_gateway import SandboxGateway
from adapters.payments.stripe_gateway import StripeGateway
from bootstrap.payments import open_till
from bootstrap.settings import MissingSettings, PaymentSettings, Settings, read
from domain.kit.clock import SystemClock
from tests.payments.test_signatures import NoTokens

STRIPE = {
    "CADENZA_PAYMENTS_GATEWAY": "stripe",
    "CADENZA_PAYMENTS_STRIPE_KEY": "sk_test_1",
    "CADENZA_PAYMENTS_WEBHOOK_SECRET": "whsec_1",
    "CADENZA_PAYMENTS_RETURN_URL": "https://cadenza.example/billing",
    "CADENZA_PAYMENTS_STRIPE_PRICES": '{"creator": "price_1"}',
}
OTHERS = {
    "CADENZA_MONGO_URL": "mongodb://unused",
    "CADENZA_REDIS_URL": "redis://unused",
    "CADENZA_S3_ENDPOINT": "http://unused",
    "CADENZA_S3_ACCESS_KEY": "unused",
    "CADENZA_S3_SECRET_KEY": "unused",
    "CADENZA_TRITON_URL": "unused:1",
    "CADENZA_AUTH_SECRET": "a secret of thirty-two characters",
}


async def test_nothing_is_sold_unless_somebody_says_so() -> None:
    async with open_till(Settings(OTHERS), NoTokens(), SystemClock()) as till:
        assert (till.gateway, till.sandbox) == (None, None)


async def test_the_test_gateway_has_to_be_named() -> None:
    chosen = Settings({**OTHERS, "CADENZA_PAYMENTS_GATEWAY": "test"})
    async with open_till(chosen, NoTokens(), SystemClock()) as till:
        assert isinstance(till.gateway, SandboxGateway)
        assert till.sandbox is till.gateway


async def test_stripe_comes_without_a_test_page() -> None:
    async with open_till(Settings({**OTHERS, **STRIPE}), NoTokens(), SystemClock()) as till:
        assert isinstance(till.gateway, StripeGateway)
        assert till.sandbox is None


def test_prices_are_a_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in STRIPE.items():
        monkeypatch.setenv(name, value)
    assert read(PaymentSettings).stripe_prices == {"creator": "price_1"}
    for wrong in ("creator=price_1", '["price_1"]'):
        with pytest.raises(MissingSettings, match="CADENZA_PAYMENTS_STRIPE_PRICES"):
            read(PaymentSettings, {"CADENZA_PAYMENTS_STRIPE_PRICES": wrong})


@pytest.mark.parametrize("missing", ["STRIPE_KEY", "WEBHOOK_SECRET", "RETURN_URL"])
def test_stripe_needs_all_of_its_settings(missing: str) -> None:
    name = f"CADENZA_PAYMENTS_{missing}"
    given = {each: value for each, value in STRIPE.items() if each != name}
    with pytest.raises(MissingSettings, match=f"{name}: Value error, is needed when CADENZA_PAYMENTS_GATEWAY is"):
        read(PaymentSettings, given)


@pytest.mark.parametrize("gateway", [{}, {"CADENZA_PAYMENTS_GATEWAY": "test"}])
@pytest.mark.parametrize("name", ["CADENZA_PAYMENTS_STRIPE_KEY", "CADENZA_PAYMENTS_WEBHOOK_SECRET"])
def test_a_secret_of_stripe_without_stripe_is_a_mistake(gateway: dict[str, str], name: str) -> None:
    with pytest.raises(MissingSettings, match=f"{name}: Value error, is set, but CADENZA_PAYMENTS_GATEWAY is not"):
        read(PaymentSettings, {**gateway, name: "something"})


def test_another_gateway_is_not_known() -> None:
    with pytest.raises(MissingSettings, match="CADENZA_PAYMENTS_GATEWAY"):
        read(PaymentSettings, {"CADENZA_PAYMENTS_GATEWAY": "paypal"})
