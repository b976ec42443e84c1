"""Where a provider posts its answer, which is sent on to the app that waits for it. Nothing is decided or kept here."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.accounts.identities import tidied
from domain.accounts.services.provider_attempts import ProviderAttempts
from domain.kit.errors import DependencyUnavailable
from domain.kit.registry import Services

RETURN_PATH = "/sign-in/return"
MAX_FORM_BYTES = 16 * 1024
MAX_FIELDS = 20
# The app gets these as they came, and no others: Apple also posts a token, which no address should hold.
PASSED_ON = ("code", "state", "iss", "error")
FORM = "application/x-www-form-urlencoded"
RETRY_SECONDS = 2
OVER = "This sign-in is over. Go back to the app and start again."


async def provider_return(request: Request) -> Response:
    """303 to the app with the answer; 400 for a state that nobody waits for."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return PlainTextResponse("A form is expected here.", 415)
    body = await request.body()
    if len(body) > MAX_FORM_BYTES:
        return PlainTextResponse("This form is too large.", 413)
    try:
        fields = dict(parse_qsl(body.decode(), max_num_fields=MAX_FIELDS))
    except ValueError:
        return PlainTextResponse("This form cannot be read.", 400)
    services: Services = request.app.state.services
    try:
        address = await services.get(ProviderAttempts).app_address(fields.get("state", ""))
    except Exception as error:
        outage = error if isinstance(error, DependencyUnavailable) else request.app.state.as_unavailable(error)
        if outage is None:
            raise
        return PlainTextResponse(outage.message, 503, {"Retry-After": str(RETRY_SECONDS)})
    if address is None:
        return PlainTextResponse(OVER, 400)
    return RedirectResponse(_with_answer(address, fields), 303, {"Cache-Control": "no-store"})


def _with_answer(address: str, fields: Mapping[str, str]) -> str:
    passed = {name: fields[name] for name in PASSED_ON if name in fields}
    if name := _name_of(fields.get("user", "")):
        passed["name"] = name
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(passed)]))))


def _name_of(user: str) -> str:
    """Apple tells a person's name once, here, and nowhere else; empty when it does not."""
    try:
        name = json.loads(user)["name"]
        given = [name.get("firstName"), name.get("lastName")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return tidied(" ".join(part for part in given if isinstance(part, str)))


ROUTES = (Route(RETURN_PATH, provider_return, methods=["POST"]),)
