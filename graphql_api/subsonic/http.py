"""The edge of OpenSubsonic at `/rest/<endpoint>`: reads a call, finds out who calls, charges, and writes the reply.

A failure of a call has the status 200, as clients expect; a spent budget has 429 and a server that is away has 503.
"""

from collections.abc import Mapping
from functools import partial

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.kit.caller import Client, Credential, Scope
from domain.kit.errors import DependencyUnavailable, DomainError, Unauthenticated
from graphql_api.core.context import Context
from graphql_api.core.front import Front
from graphql_api.core.refusals import RateLimited
from graphql_api.core.transport.client_address import client_address, user_agent
from graphql_api.core.transport.requests import request_id_of
from graphql_api.subsonic.calls import Answer, Call, Endpoint
from graphql_api.subsonic.endpoints import ENDPOINTS
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.parameters import Parameters
from graphql_api.subsonic.replies import Element, as_json, as_xml, failed, succeeded
from graphql_api.subsonic.system import extensions

CALLS = Counter("cadenza_subsonic_calls_total", "Calls of OpenSubsonic endpoints.", ["endpoint", "outcome"])

OPEN_TO_ALL = "getOpenSubsonicExtensions"
FORM = "application/x-www-form-urlencoded"
RETRY_SECONDS = 2
USE_A_KEY = "Passwords are not taken here. Make an API key with the scope LIBRARY and give it as 'apiKey'."
INVALID = "This API key is not valid, has expired or was revoked."


async def rest(request: Request) -> Response:
    name = str(request.path_params["endpoint"]).removesuffix(".view")
    known = name if name in ENDPOINTS or name == OPEN_TO_ALL else "other"
    try:
        parameters = Parameters.read(request.scope["query_string"], await _form(request))
    except Failed as failure:
        CALLS.labels(known, int(failure.code)).inc()
        return _written("xml", failed(failure))
    form = (parameters.text("f") or "xml").lower()
    try:
        if form not in ("xml", "json"):
            raise Failed(Code.GENERIC, "Replies come as XML (f=xml) or JSON (f=json).")
        answer = await _answered(request, name, parameters, form)
    except Failed as failure:
        CALLS.labels(known, int(failure.code)).inc()
        return _written(form, failed(failure))
    except RateLimited as spent:
        CALLS.labels(known, "rate_limited").inc()
        return _written(form, failed(Failed(Code.GENERIC, spent.message)), 429, spent.headers)
    except DependencyUnavailable as outage:
        CALLS.labels(known, "unavailable").inc()
        refusal = Failed(Code.GENERIC, outage.message)
        return _written(form, failed(refusal), 503, {"Retry-After": str(RETRY_SECONDS)})
    CALLS.labels(known, "ok").inc()
    return answer if isinstance(answer, Response) else _written(form, succeeded(answer))


async def _answered(request: Request, name: str, parameters: Parameters, form: str) -> Answer:
    """Raises `Failed`, `RateLimited` and `DependencyUnavailable`, and nothing else but bugs."""
    try:
        return await _answer(request, name, parameters, form)
    except DependencyUnavailable:
        raise
    except DomainError as error:
        raise Failed.of(error) from error
    except (Failed, RateLimited):
        raise
    except Exception as error:
        outage: DependencyUnavailable | None = request.app.state.as_unavailable(error)
        if outage is None:
            raise
        raise outage from error


async def _answer(request: Request, name: str, parameters: Parameters, form: str) -> Answer:
    state = request.app.state
    front: Front = state.front
    client = Client(client_address(request.scope, state.proxies), user_agent(request.scope))
    context = Context(request_id_of(request.scope), client, state.services, state.authenticate)
    if name == OPEN_TO_ALL:
        await front.charge(context, 1)
        return extensions()
    key = await _key(parameters, front, context)
    await _authenticate(key, front, context)
    endpoint = ENDPOINTS.get(name)
    await front.charge(context, 1 if endpoint is None else endpoint.points)
    # each service asks for it as well; here also what needs no service tells that a key is of no use
    context.caller.require(Scope.LIBRARY)
    if endpoint is None:
        raise Failed(Code.GENERIC, f"There is no endpoint {name[:40]!r} here.")
    call = Call(parameters, context.caller, state.services)
    if not endpoint.is_remembered:
        return await endpoint.handle(call)
    return _sent(form, await front.tell((name, form), partial(_made, endpoint, call, form), context))


async def _made(endpoint: Endpoint, call: Call, form: str) -> bytes:
    answer = await endpoint.handle(call)
    if isinstance(answer, Response):
        raise TypeError("only replies are remembered")
    return _body(form, succeeded(answer))


async def _key(parameters: Parameters, front: Front, context: Context) -> str:
    """What says who calls. Raises `Failed` for whatever else says so."""
    key = parameters.text("apiKey")
    if key is not None and not any(parameters.has(name) for name in ("u", "p", "t", "s")):
        return key
    await front.charge(context, 1)
    if key is not None:
        raise Failed(Code.CONFLICTING_CREDENTIALS, "Give 'apiKey' alone, without 'u', 'p', 't' and 's'.")
    if parameters.has("t") or parameters.has("s"):
        raise Failed(Code.TOKENS_UNSUPPORTED, USE_A_KEY)
    if parameters.has("p"):
        raise Failed(Code.PASSWORDS_UNSUPPORTED, USE_A_KEY)
    raise Failed(Code.MISSING_PARAMETER, "The parameter 'apiKey' is missing.")


async def _authenticate(key: str, front: Front, context: Context) -> None:
    """Only keys of people open this door: a session is no key, and organisations run registered operations only."""
    await context.authenticate(f"Bearer {key}")
    try:
        is_key = context.caller.credential is Credential.API_KEY
    except Unauthenticated:
        is_key = False
    if not is_key:
        await front.charge_refusal(context)
        raise Failed(Code.INVALID_KEY, INVALID)


async def _form(request: Request) -> bytes:
    """The body of the extension `formPost`; another body is not read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return await request.body() if request.method == "POST" and kind == FORM else b""


def _written(form: str, reply: Element, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return _sent(form, _body(form, reply), status, headers)


def _body(form: str, reply: Element) -> bytes:
    return as_json(reply) if form == "json" else as_xml(reply)


def _sent(form: str, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    kind = "application/json" if form == "json" else "application/xml"
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, kind)


ROUTES = (Route("/rest/{endpoint}", rest, methods=["GET", "POST"]),)
