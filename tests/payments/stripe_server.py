"""A small stand-in for api.stripe.com: the endpoints that are used, with its keys, ids, errors and idempotency."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.graphql.harness import QuietServer

Json = dict[str, Any]

KEY = "sk_test_right"


@dataclass
class StripeServer:
    """What it was asked and what it has. `failures` are statuses that the next requests get instead of an answer."""

    url: str = ""
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    sessions: dict[str, Json] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    payments: dict[str, Json] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    delay_seconds: float = 0.0
    _answers: dict[str, tuple[dict[str, str], Json]] = field(default_factory=dict)

    @property
    def sent(self) -> dict[str, str]:
        """The form of the last request."""
        return self.requests[-1][2]

    async def answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.requests.append((request.method, request.url.path, form))
        await asyncio.sleep(self.delay_seconds)
        if self.failures:
            return refusal(self.failures.pop(0), "api_error", "down")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(401, "invalid_request_error", "Invalid API Key provided")
        return self._route(request, form)

    def _route(self, request: Request, form: dict[str, str]) -> Response:
        match request.method, request.url.path.removeprefix("/v1/").split("/"):
            case "POST", ["checkout", "sessions"]:
                return self._once(request.headers["idempotency-key"], form)
            case "GET", ["checkout", "sessions", id]:
                return found(self.sessions.get(id))
            case "POST", ["checkout", "sessions", id, "expire"]:
                return self._expired(id)
            case "POST", ["billing_portal", "sessions"]:
                return JSONResponse({"id": "bps_1", "object": "billing_portal.session", "url": f"{self.url}/portal"})
            case "GET", ["subscriptions", id]:
                return found(self.subscriptions.get(id))
            case "GET", ["payment_intents", id]:
                return found(self.payments.get(id))
            case _:
                return refusal(404, "invalid_request_error", f"Unrecognized request URL {request.url.path}")

    def _once(self, key: str, form: dict[str, str]) -> Response:
        """The same key with the same form gives the same answer; with another form it is an error."""
        if key in self._answers:
            first, answer = self._answers[key]
            same = first == form
            return JSONResponse(answer) if same else refusal(400, "idempotency_error", "Keys can only be used once")
        id = f"cs_test_{form['client_reference_id']}"
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "client_reference_id": form["client_reference_id"],
            "metadata": {"order_id": form["metadata[order_id]"]},
            "payment_intent": None,
            "customer": form.get("customer"),
            "subscription": None,
            "url": f"{self.url}/pay/{id}",
        }
        self._answers[key] = form, self.sessions[id]
        return JSONResponse(self.sessions[id])

    def _expired(self, id: str) -> Response:
        session = self.sessions[id]
        if session["status"] != "open":
            return refusal(
                400, "invalid_request_error", "Only Checkout Sessions with a status of `open` can be expired"
            )
        session["status"] = "expired"
        return JSONResponse(session)


def found(answer: Json | None) -> Response:
    return JSONResponse(answer) if answer is not None else refusal(404, "invalid_request_error", "No such object")


def refusal(status: int, kind: str, message: str) -> Response:
    headers = {"Request-Id": "req_1", "Stripe-Should-Retry": "true" if status >= 500 else "false"}
    return JSONResponse({"error": {"type": kind, "message": message}}, status, headers)


@asynccontextmanager
async def open_stripe_server() -> AsyncGenerator[StripeServer, None]:
    """A server on a free loopback port in this event loop."""
    listener = socket.create_server(("127.0.0.1", 0))
    stripe = StripeServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = Starlette(routes=[Route("/{path:path}", stripe.answer, methods=["GET", "POST"])])
    server = QuietServer(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield stripe
    finally:
        server.should_exit = True
        await serving
