"""The port to those who prove who somebody is: Google, Apple, GitHub, or any other OpenID provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.accounts.identities import ProvenIdentity


@dataclass(frozen=True)
class AuthorizationRequest:
    """One way to a provider and back. What comes back has to fit it: `state`, `nonce` and the PKCE `verifier`."""

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class AuthorizationResponse:
    """What the provider sent the browser back with; `issuer` by RFC 9207, where it says so."""

    code: str = field(repr=False)
    issuer: str | None = None


class IdentityProvider(Protocol):
    """Knows people. Its answers are checked as strictly as its protocol allows."""

    @property
    def display_name(self) -> str:
        """What people call it."""
        ...

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        """Where the browser goes to sign in there; raises `SignInProviderUnavailable`."""
        ...

    async def identify(self, response: AuthorizationResponse, request: AuthorizationRequest) -> ProvenIdentity:
        """Who has signed in there. A code counts once.

        Raises `ProviderSignInRefused` for what cannot be believed, and `SignInProviderUnavailable`.
        """
        ...


class IdentityProviders:
    """Those that are on, by name, in the order in which they are offered."""

    def __init__(self, by_name: Mapping[str, IdentityProvider]) -> None:
        self._by_name = dict(by_name)

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._by_name)

    def get(self, name: str) -> IdentityProvider | None:
        return self._by_name.get(name)

    def display_name(self, name: str) -> str:
        """Also of one that is not on any more, which is called by its name."""
        provider = self._by_name.get(name)
        return name if provider is None else provider.display_name
