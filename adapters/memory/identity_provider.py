"""A provider in memory: whoever `signs_in` gets the code to come back with."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from domain.accounts.identities import ProvenIdentity
from domain.accounts.identity_errors import ProviderSignInRefused, SignInProviderUnavailable
from domain.accounts.identity_provider import AuthorizationRequest, AuthorizationResponse
from domain.kit.ids import new_id


@dataclass
class MemoryIdentityProvider:
    """While it `is_down`, it answers nothing."""

    display_name: str = "Twin"
    issuer: str = "https://twin.example"
    is_down: bool = False
    asked: list[AuthorizationRequest] = field(default_factory=list)
    codes: dict[str, tuple[ProvenIdentity, AuthorizationRequest]] = field(default_factory=dict)

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        self._check()
        self.asked.append(request)
        query = {"redirect_uri": request.redirect_uri, "state": request.state, "nonce": request.nonce}
        return f"{self.issuer}/authorize?{urlencode(query)}"

    def signs_in(self, identity: ProvenIdentity) -> tuple[str, str]:
        """State and code that the browser comes back with, for the last who was sent here."""
        request, code = self.asked[-1], new_id()
        self.codes[code] = (identity, request)
        return request.state, code

    async def identify(self, response: AuthorizationResponse, request: AuthorizationRequest) -> ProvenIdentity:
        self._check()
        identity, asked = self.codes.pop(response.code, (None, None))
        if identity is None or asked != request or response.issuer not in (None, self.issuer):
            raise ProviderSignInRefused("no such code")
        return identity

    def _check(self) -> None:
        if self.is_down:
            raise SignInProviderUnavailable(self.display_name, "switched off")
