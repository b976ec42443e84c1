"""An OpenID provider of the tests' own: discovery, authorization, tokens, keys that rotate, and every way to lie."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.accounts.providers.serving import Codes, Granted, flat, form_of, listening
from tests.world import TurnableClock

CLIENT_ID = "cadenza-at-the-provider"
CLIENT_SECRET = "known to both sides"
ADA = {"sub": "1001", "email": "ada@cadenza.example", "email_verified": True, "name": "Ada Lovelace"}

Claims = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]


@cache
def new_key(kid: str) -> RSAKey:
    """Made once in a run, because it takes long."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class OpenIdServer:
    """`person` is who signs in next. `forge` makes another ID token of the right claims.

    Secrets of clients come in a header, or `by_form`. A `thin` token has no address. `metadata` changes what is told of
    the server. `instead` answers a path in place of the server; `asked` are all paths so far.
    """

    clock: TurnableClock
    issuer: str = ""
    person: Claims = field(default_factory=lambda: dict(ADA))
    by_form: bool = False
    is_secret: Callable[[str], bool] = lambda given: given == CLIENT_SECRET
    forge: Callable[["OpenIdServer", Claims], str] | None = None
    thin: bool = False
    metadata: Claims = field(default_factory=dict)
    instead: dict[str, Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    keys: list[RSAKey] = field(default_factory=lambda: [new_key("first")])
    codes: Codes = field(default_factory=Codes)

    @property
    def key(self) -> RSAKey:
        """What signs."""
        return self.keys[-1]

    def rotate(self) -> None:
        self.keys = [new_key("first" if self.key.kid == "second" else "second")]

    def sign(self, claims: Claims, header: Claims | None = None, key: RSAKey | ECKey | None = None) -> str:
        head = {"alg": "RS256", "kid": self.key.kid, **(header or {})}
        return jwt.encode(head, claims, key or self.key, algorithms=[str(head["alg"])])

    def claims(self, nonce: str | None) -> Claims:
        now = int(self.clock.now().timestamp())
        told = {"sub": self.person["sub"]} if self.thin else self.person
        always = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        return {**always, **told, **({} if nonce is None else {"nonce": nonce})}

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.instead:
            return await self.instead[path](request)
        return await {
            "/.well-known/openid-configuration": self._discovery,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": self._published_keys,
            "/userinfo": self._userinfo,
        }[path](request)

    async def _discovery(self, request: Request) -> Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post" if self.by_form else "client_secret_basic"],
        }
        return JSONResponse({**found, **self.metadata})

    async def _authorize(self, request: Request) -> Response:
        query = flat(request.url.query)
        if query["client_id"] != CLIENT_ID or query["response_type"] != "code" or "openid" not in query["scope"]:
            return PlainTextResponse("no such client", 400)
        answer = {"code": self.codes.issue(query), "state": query["state"], "iss": self.issuer}
        if query.get("response_mode") == "form_post":
            return JSONResponse(answer)
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = await form_of(request)
        if not self._knows_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        granted = self.codes.redeem(form)
        if granted is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "access_token": f"for {self.person['sub']}",
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self._id_token(granted),
            }
        )

    def _id_token(self, granted: Granted) -> str:
        claims = self.claims(granted.nonce)
        return self.sign(claims) if self.forge is None else self.forge(self, claims)

    def _knows_client(self, request: Request, form: dict[str, str]) -> bool:
        if not self.by_form:
            pair = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
            client_id, _, secret = pair.partition(":")
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        return client_id == CLIENT_ID and self.is_secret(secret)

    async def _published_keys(self, request: Request) -> Response:
        strange = [{"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}, {"kty": "AKP", "kid": "later"}, {"kty": "RSA"}]
        return JSONResponse({"keys": [*strange, *KeySet(list(self.keys)).as_dict(private=False)["keys"]]})

    async def _userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer for {self.person['sub']}":
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(self.person)


def by_hand(header: Claims, claims: Claims, secret: bytes | None) -> str:
    """A token as no library would make it: signed by HMAC with any bytes, or not at all."""
    parts = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = b"" if secret is None else hmac.digest(secret, parts.encode(), hashlib.sha256)
    return f"{parts}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@asynccontextmanager
async def open_openid(clock: TurnableClock) -> AsyncGenerator[OpenIdServer, None]:
    server = OpenIdServer(clock)
    routes = [Route("/{path:path}", server.answer, methods=["GET", "POST"])]
    async with listening(routes) as address:
        server.issuer = address
        yield server
