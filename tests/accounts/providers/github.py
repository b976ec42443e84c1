"""A stand-in for GitHub: OAuth 2 with PKCE, refusals with status 200, and the two questions that its API gets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.accounts.providers.serving import Codes, flat, form_of, listening

CLIENT_ID = "Iv1.cadenza"
CLIENT_SECRET = "known to GitHub as well"
TOKEN = "gho_short"


def ada() -> dict[str, Any]:
    return {"id": 583231, "login": "ada", "name": "Ada Lovelace", "email": "written-by-anybody@cadenza.example"}


def addresses() -> list[dict[str, Any]]:
    return [
        {"email": "old@cadenza.example", "primary": False, "verified": True, "visibility": None},
        {"email": "ada@cadenza.example", "primary": True, "verified": True, "visibility": "private"},
    ]


@dataclass
class GitHubServer:
    """`person` and `emails` are what the API tells of whoever signs in; `emails_status` is another status for it."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=ada)
    emails: list[dict[str, Any]] = field(default_factory=addresses)
    emails_status: int = 200
    codes: Codes = field(default_factory=Codes)

    async def authorize(self, request: Request) -> Response:
        query = flat(request.url.query)
        assert (query["client_id"], query["scope"]) == (CLIENT_ID, "read:user user:email")
        answer = {"code": self.codes.issue(query), "state": query["state"]}
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        form = await form_of(request)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "incorrect_client_credentials"})
        if self.codes.redeem(form) is None:
            return JSONResponse({"error": "bad_verification_code"})
        return JSONResponse({"access_token": TOKEN, "token_type": "bearer", "scope": "read:user,user:email"})

    async def user(self, request: Request) -> Response:
        return self._told(request, self.person)

    async def user_emails(self, request: Request) -> Response:
        return self._told(request, self.emails, self.emails_status)

    @staticmethod
    def _told(request: Request, what: object, status: int = 200) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"message": "Bad credentials"}, 401)
        return JSONResponse(what, status)


@asynccontextmanager
async def open_github() -> AsyncGenerator[GitHubServer, None]:
    server = GitHubServer()
    routes = [
        Route("/login/oauth/authorize", server.authorize),
        Route("/login/oauth/access_token", server.token, methods=["POST"]),
        Route("/api/user", server.user),
        Route("/api/user/emails", server.user_emails),
    ]
    async with listening(routes) as address:
        server.url = address
        yield server
