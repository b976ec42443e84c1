"""Opens the payment gateway that the settings choose, or none."""

import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.payments.sandbox_gateway import SandboxGateway
from adapters.payments.stripe_gateway import StripeAccount, open_stripe
from bootstrap.settings import PaymentSettings, Settings
from domain.kit.clock import Clock
from domain.kit.trust.credentials import TokenSigner
from domain.payments.gateway import PaymentGateway, Sandbox


@dataclass(frozen=True)
class Till:
    """Where money is taken. Both are None where nothing is sold; `sandbox` is only there for the test gateway."""

    gateway: PaymentGateway | None = None
    sandbox: Sandbox | None = None


@asynccontextmanager
async def open_till(settings: Settings, signer: TokenSigner, clock: Clock) -> AsyncGenerator[Till, None]:
    """The test gateway is never a fallback: it has to be chosen by name."""
    payments = settings.payments
    if payments.gateway == "stripe":
        async with open_stripe(stripe_account(payments), clock) as gateway:
            yield Till(gateway)
    elif payments.gateway == "test":
        yield sandbox_till(settings, signer, clock)
    else:
        yield Till()


def sandbox_till(settings: Settings, signer: TokenSigner, clock: Clock) -> Till:
    """A gateway that moves no money, with both its sides."""
    sandbox = SandboxGateway(signer, clock, sandbox_secret(settings), settings.api.address())
    return Till(sandbox, sandbox)


def sandbox_secret(settings: Settings) -> str:
    """What signs its webhooks; all API processes share it, because they share the secret that it is made from."""
    return hmac.digest(settings.auth.secret.encode(), b"webhooks of the test gateway", hashlib.sha256).hex()


def stripe_account(payments: PaymentSettings) -> StripeAccount:
    """The settings have been checked to be complete."""
    return StripeAccount(
        key=payments.stripe_key or "",
        webhook_secret=payments.webhook_secret or "",
        prices=payments.stripe_prices,
        return_url=payments.return_url or "",
        api_url=payments.stripe_url,
    )
