"""Sign in with GitHub, which speaks OAuth 2 only: who somebody is, is asked of its API."""

from typing import Any

from adapters.sign_in.answers import DEADLINE_SECONDS, Unbelievable, told
from adapters.sign_in.code_flow import CodeFlow, Grant, Registration
from adapters.sign_in.outbound import BoundedTransport, NoSuchAnswer, json_object, json_value
from domain.accounts.identities import ProvenIdentity
from domain.accounts.identity_provider import AuthorizationRequest, AuthorizationResponse

NAME = "github"
SITE = "https://github.com"
API = "https://api.github.com"
SCOPES = ("read:user", "user:email")
# The app was not allowed to read addresses.
NOT_ALLOWED = (403, 404)


class GitHubProvider:
    """`site` and `api` are others for GitHub Enterprise Server."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        transport: BoundedTransport,
        site: str = SITE,
        api: str = API,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        registration = Registration(NAME, "GitHub", client_id, lambda: client_secret, SCOPES)
        self._flow = CodeFlow(registration, transport)
        self._site = site.rstrip("/")
        self._api = api.rstrip("/")
        self._deadline_seconds = deadline_seconds

    @property
    def display_name(self) -> str:
        return "GitHub"

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        return self._flow.authorization_url(f"{self._site}/login/oauth/authorize", request)

    async def identify(self, response: AuthorizationResponse, request: AuthorizationRequest) -> ProvenIdentity:
        async with told(self.display_name, self._deadline_seconds):
            if response.issuer not in (None, f"{self._site}/login/oauth"):
                raise Unbelievable("the answer of another issuer")
            endpoint = f"{self._site}/login/oauth/access_token"
            async with self._flow.exchanged(endpoint, response, request, "client_secret_post") as grant:
                return await self._identity(grant)

    async def _identity(self, grant: Grant) -> ProvenIdentity:
        if not grant.token.get("access_token"):
            raise NoSuchAnswer("no access token")
        person = json_object(await grant.get(f"{self._api}/user"))
        number = person.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            raise NoSuchAnswer("no id")
        email, is_verified = await self._primary_email(grant)
        name = person.get("name") or person.get("login")
        return ProvenIdentity(NAME, str(number), email, is_verified, name if isinstance(name, str) else None)

    async def _primary_email(self, grant: Grant) -> tuple[str | None, bool]:
        """The address of the profile is only what somebody wrote there, so it is not looked at."""
        response = await grant.get(f"{self._api}/user/emails")
        if response.status_code in NOT_ALLOWED:
            return None, False
        listed = json_value(response)
        if not isinstance(listed, list):
            raise NoSuchAnswer("no list of addresses")
        primary: Any = next((each for each in listed if isinstance(each, dict) and each.get("primary") is True), {})
        email = primary.get("email")
        return (email, primary.get("verified") is True) if isinstance(email, str) else (None, False)
