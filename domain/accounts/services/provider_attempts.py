"""Sending people to a provider, and believing who comes back."""

import time
from collections.abc import Collection
from typing import Protocol

import structlog

from domain.accounts.identities import ProvenIdentity
from domain.accounts.identity_errors import ProviderSignInRefused, SignInProviderUnavailable
from domain.accounts.identity_provider import AuthorizationResponse, IdentityProvider, IdentityProviders
from domain.accounts.provider_attempts import (
    LIFETIME,
    MAX_CODE,
    AttemptPurpose,
    ProviderAnswer,
    ProviderAttempt,
    StartedAttempt,
    hash_of,
    new_secret,
    request_of,
)
from domain.accounts.redirect_addresses import is_allowed
from domain.accounts.stores.provider_attempts import ProviderAttemptStore
from domain.kit.clock import Clock
from domain.kit.errors import Issue, ValidationFailed

log = structlog.get_logger()

UNKNOWN = "unknown"


class ProviderMeter(Protocol):
    """The port to whatever counts attempts. Outcomes are `started`, `proven`, `refused` and `unavailable`."""

    def attempted(self, provider: str, outcome: str) -> None: ...

    def identified(self, provider: str, seconds: float) -> None:
        """How long a provider took to say who somebody is, or to fail."""
        ...


class ProviderAttempts:
    """An attempt lives ten minutes and counts once, for the browser that began it: it alone has the ticket."""

    def __init__(
        self,
        store: ProviderAttemptStore,
        providers: IdentityProviders,
        redirect_uris: Collection[str],
        meter: ProviderMeter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._providers = providers
        self._redirect_uris = frozenset(redirect_uris)
        self._meter = meter
        self._clock = clock

    async def start(
        self, provider_name: str, redirect_uri: str, purpose: AttemptPurpose, account_id: str = ""
    ) -> StartedAttempt:
        """Raises `ValidationFailed` and `SignInProviderUnavailable`; then nothing is kept."""
        provider = self._checked(provider_name, redirect_uri)
        state, ticket, expires_at = new_secret(), new_secret(), self._clock.now() + LIFETIME
        try:
            url = await provider.authorization_url(request_of(redirect_uri, state, ticket))
        except SignInProviderUnavailable as error:
            self._failed(provider_name, "unavailable", error.detail)
            raise
        attempt = ProviderAttempt(
            state_hash=hash_of(state),
            ticket_hash=hash_of(ticket),
            provider=provider_name,
            purpose=purpose,
            account_id=account_id,
            redirect_uri=redirect_uri,
            expires_at=expires_at,
        )
        await self._store.insert(attempt)
        self._meter.attempted(provider_name, "started")
        return StartedAttempt(url, ticket, expires_at)

    async def finish(self, answer: ProviderAnswer, purpose: AttemptPurpose, account_id: str = "") -> ProvenIdentity:
        """Who has signed in at the provider; the attempt is used up, however that ends.

        Raises `ProviderSignInRefused` and `SignInProviderUnavailable`.
        """
        attempt = await self._store.take(
            hash_of(answer.state), hash_of(answer.ticket), purpose, account_id, self._clock.now()
        )
        provider = None if attempt is None else self._providers.get(attempt.provider)
        if attempt is None or provider is None:
            self._failed(UNKNOWN, "refused", "no such attempt")
            raise ProviderSignInRefused("no such attempt")
        return await self._identified(provider, attempt, answer)

    async def app_address(self, state: str) -> str | None:
        """Where the app waits for the answer to an open attempt, for providers that answer to the API itself."""
        attempt = await self._store.find(hash_of(state), self._clock.now())
        return None if attempt is None else attempt.redirect_uri

    async def _identified(
        self, provider: IdentityProvider, attempt: ProviderAttempt, answer: ProviderAnswer
    ) -> ProvenIdentity:
        request = request_of(attempt.redirect_uri, answer.state, answer.ticket)
        began = time.perf_counter()
        try:
            if not 1 <= len(answer.code) <= MAX_CODE:
                raise ProviderSignInRefused("no code, or one that is too long")
            identity = await provider.identify(AuthorizationResponse(answer.code, answer.issuer), request)
        except ProviderSignInRefused as error:
            self._failed(attempt.provider, "refused", error.detail)
            raise
        except SignInProviderUnavailable as error:
            self._failed(attempt.provider, "unavailable", error.detail)
            raise
        finally:
            self._meter.identified(attempt.provider, time.perf_counter() - began)
        self._meter.attempted(attempt.provider, "proven")
        return identity

    def _checked(self, provider_name: str, redirect_uri: str) -> IdentityProvider:
        issues: list[Issue] = []
        provider = self._providers.get(provider_name)
        if provider is None:
            issues.append(Issue("provider", "Nobody signs in here by this provider; see `signInProviders`."))
        if not is_allowed(redirect_uri, self._redirect_uris):
            issues.append(Issue("redirectUri", "This address is not one that people may be sent back to."))
        if provider is None or issues:
            raise ValidationFailed(issues)
        return provider

    def _failed(self, provider_name: str, outcome: str, detail: str) -> None:
        self._meter.attempted(provider_name, outcome)
        log.warning("provider_sign_in_failed", provider=provider_name, outcome=outcome, detail=detail)
