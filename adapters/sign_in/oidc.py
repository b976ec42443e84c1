"""Any provider that speaks OpenID Connect: Google, Apple, and others by their issuer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from adapters.sign_in.answers import DEADLINE_SECONDS, Unbelievable, told
from adapters.sign_in.code_flow import CodeFlow, Grant, Registration
from adapters.sign_in.id_tokens import IdTokenReader, signing_keys
from adapters.sign_in.kept import Kept
from adapters.sign_in.outbound import BoundedTransport, NoSuchAnswer, fetch_object, json_object, text_of
from domain.accounts.identities import ProvenIdentity
from domain.accounts.identity_provider import AuthorizationRequest, AuthorizationResponse
from domain.kit.clock import Clock
from domain.kit.trust.addresses import is_loopback

DISCOVERY = "/.well-known/openid-configuration"
BASIC, POST = "client_secret_basic", "client_secret_post"

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Metadata:
    """What is used of a provider's configuration (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    auth_method: str


@dataclass(frozen=True)
class Traits:
    """In what a provider differs. `returns_to` is where it posts its answers, instead of to the app.

    `links_by_email` says of somebody's claims whether the provider vouches for the address today.
    """

    parameters: Mapping[str, str]
    links_by_email: Callable[[Claims], bool]
    returns_to: str | None = None


class OidcProvider:
    """Discovery and keys are kept; an unknown key is looked for once more."""

    def __init__(
        self,
        registration: Registration,
        issuer: str,
        traits: Traits,
        transport: BoundedTransport,
        clock: Clock,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._registration = registration
        self._issuer = issuer
        self._traits = traits
        self._transport = transport
        self._deadline_seconds = deadline_seconds
        self._flow = CodeFlow(registration, transport)
        self._reader = IdTokenReader(issuer, registration.client_id, clock)
        self._metadata = Kept(self._fetch_metadata, clock, deadline_seconds)
        self._keys = Kept(self._fetch_keys, clock, deadline_seconds)

    @property
    def display_name(self) -> str:
        return self._registration.display_name

    def close(self) -> None:
        self._keys.close()
        self._metadata.close()

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        async with told(self.display_name, self._deadline_seconds):
            metadata = await self._metadata.get()
        parameters = {"nonce": request.nonce, **self._traits.parameters}
        return self._flow.authorization_url(metadata.authorization_endpoint, self._returning(request), **parameters)

    async def identify(self, response: AuthorizationResponse, request: AuthorizationRequest) -> ProvenIdentity:
        async with told(self.display_name, self._deadline_seconds):
            if response.issuer not in (None, self._issuer):
                raise Unbelievable("the answer of another issuer")
            metadata = await self._metadata.get()
            exchange = self._flow.exchanged(
                metadata.token_endpoint, response, self._returning(request), metadata.auth_method
            )
            async with exchange as grant:
                claims = await self._claims(text_of(grant.token, "id_token"), request.nonce)
                return self._identity(await self._with_email(claims, metadata, grant))

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            return self._reader.read(token, await self._keys.get(), nonce)
        except InvalidKeyIdError:
            return self._reader.read(token, await self._keys.newest(), nonce)

    async def _with_email(self, claims: dict[str, Any], metadata: Metadata, grant: Grant) -> Claims:
        """Some providers tell the address only by their userinfo endpoint."""
        if "email" in claims or metadata.userinfo_endpoint is None:
            return claims
        told_more = json_object(await grant.get(metadata.userinfo_endpoint))
        if told_more.get("sub") != claims["sub"]:
            raise Unbelievable("the userinfo of another person")
        return {**told_more, **claims}

    def _identity(self, claims: Claims) -> ProvenIdentity:
        return ProvenIdentity(
            provider=self._registration.name,
            subject=claims["sub"],
            email=_text(claims.get("email")),
            # Apple has written it as a text.
            email_verified=claims.get("email_verified") in (True, "true"),
            display_name=_text(claims.get("name")),
            links_by_email=self._traits.links_by_email(claims),
        )

    def _returning(self, request: AuthorizationRequest) -> AuthorizationRequest:
        return replace(request, redirect_uri=self._traits.returns_to or request.redirect_uri)

    async def _fetch_metadata(self) -> Metadata:
        found = await fetch_object(self._transport, self._issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self._issuer:
            raise NoSuchAnswer("the configuration of another issuer")
        methods = found.get("token_endpoint_auth_methods_supported")
        return Metadata(
            authorization_endpoint=self._address(found, "authorization_endpoint"),
            token_endpoint=self._address(found, "token_endpoint"),
            jwks_uri=self._address(found, "jwks_uri"),
            userinfo_endpoint=self._address(found, "userinfo_endpoint") if "userinfo_endpoint" in found else None,
            # In a form there is one way to write a secret; in a header providers differ about it.
            auth_method=POST if isinstance(methods, list) and POST in methods else BASIC,
        )

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        return signing_keys(await fetch_object(self._transport, metadata.jwks_uri))

    def _address(self, found: Mapping[str, Any], name: str) -> str:
        """Raises `NoSuchAnswer` for one that is not encrypted; on this machine it need not be if the issuer is not."""
        url = text_of(found, name)
        if not (url.startswith("https://") or (is_loopback(url) and is_loopback(self._issuer))):
            raise NoSuchAnswer(f"no safe {name}")
        return url


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
