"""The authorization code grant with PKCE (RFC 6749, RFC 7636), by authlib."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client

from adapters.sign_in.outbound import HEADERS, TIMEOUT, BoundedTransport, NoSuchAnswer
from domain.accounts.identity_provider import AuthorizationRequest, AuthorizationResponse


@dataclass(frozen=True)
class Registration:
    """What a provider knows this platform by. `secret` is asked each time: Apple's lives for minutes."""

    name: str
    display_name: str
    client_id: str
    secret: Callable[[], str] = field(repr=False)
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """What a code was exchanged for; nothing of it is kept."""

    token: Mapping[str, Any] = field(repr=False)
    client: AsyncOAuth2Client = field(repr=False)

    async def get(self, url: str) -> httpx2.Response:
        """With the access token."""
        response: httpx2.Response = await self.client.get(url)
        return response


class CodeFlow:
    """Each person's way gets a client of its own, so that no token can get into another's hands."""

    def __init__(self, registration: Registration, transport: BoundedTransport) -> None:
        self._registration = registration
        self._transport = transport

    def authorization_url(self, endpoint: str, request: AuthorizationRequest, **parameters: str) -> str:
        client = self._client(request, "none", "")
        url, _ = client.create_authorization_url(
            endpoint, state=request.state, code_verifier=request.verifier, **parameters
        )
        return str(url)

    @asynccontextmanager
    async def exchanged(
        self, endpoint: str, response: AuthorizationResponse, request: AuthorizationRequest, auth_method: str
    ) -> AsyncGenerator[Grant, None]:
        """Raises `OAuthError`, `httpx2.HTTPError` and `NoSuchAnswer`."""
        async with self._client(request, auth_method, self._registration.secret()) as client:
            try:
                token = await client.fetch_token(
                    endpoint, grant_type="authorization_code", code=response.code, code_verifier=request.verifier
                )
            except (ValueError, TypeError, RecursionError) as error:
                raise NoSuchAnswer("no token") from error
            yield Grant(token, client)

    def _client(self, request: AuthorizationRequest, auth_method: str, secret: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._registration.client_id,
            client_secret=secret,
            token_endpoint_auth_method=auth_method,
            scope=" ".join(self._registration.scopes),
            redirect_uri=request.redirect_uri,
            code_challenge_method="S256",
            leeway=0,
            transport=self._transport,
            timeout=TIMEOUT,
            trust_env=False,
            headers=HEADERS,
        )
