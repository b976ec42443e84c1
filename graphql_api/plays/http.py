"""Where players report to. A refusal is one sentence; what is taken is answered with nothing."""

import math
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.kit.registry import Services
from domain.plays.model import MOST_POSITION_SECONDS, MOST_SEQUENCE, PlayEvent, Receipt, Report, Ticket
from domain.plays.services.gate import PlayGate
from domain.plays.services.intake import PlayIntake
from domain.plays.services.tickets import PlayTickets
from graphql_api.core.transport.client_address import client_address

MOST_REPORTS = 100
MAX_BODY_BYTES = 16 * 1024
# A beacon sent as plain text needs no preflight, which a page that is being closed could not wait for.
READ_TYPES = frozenset({"application/json", "text/plain"})
RETRY_SECONDS = 10
EVENTS = {event.value: event is PlayEvent.COMPLETE for event in PlayEvent}
SHAPE = (
    "Send one report or a list of at most 100: "
    '{"event": "start" | "heartbeat" | "complete", "sequence": 0 to 9999, "positionSeconds": 0 to 86400}.'
)


class NotTaken(Exception):
    """Why a request is refused: the status, and one sentence for who reads it."""

    def __init__(self, status: int, reason: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.sentence = sentence
        self.headers = headers or {}


async def report_plays(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application at `/plays/<token>`."""
    services: Services = scope["app"].state.services
    intake = services.get(PlayIntake)
    try:
        await _take(scope, receive, services, intake)
    except NotTaken as refusal:
        intake.refused(refusal.reason)
        response = PlainTextResponse(refusal.sentence, refusal.status, dict(refusal.headers))
        await response(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _take(scope: Scope, receive: Receive, services: Services, intake: PlayIntake) -> None:
    """Raises `NotTaken`."""
    if scope["method"] != "POST":
        raise NotTaken(405, "method", "Reports are sent with POST.", {"Allow": "POST"})
    ticket = services.get(PlayTickets).read(scope["path"].removeprefix("/plays/"))
    if ticket is None:
        raise NotTaken(404, "token", "Nothing is reported at this address. It may be over; ask for playback again.")
    reports = await read_reports(scope, receive, intake.now_ms())
    address = client_address(scope, scope["app"].state.proxies)
    await _charge(services.get(PlayGate), ticket, address, len(reports))
    if not intake.take(Receipt(ticket, "" if ticket.listener_id else address, reports)):
        raise NotTaken(
            503, "no_room", "Reports cannot be kept right now. Send them again.", {"Retry-After": str(RETRY_SECONDS)}
        )


async def read_reports(scope: Scope, receive: Receive, at_ms: int) -> tuple[Report, ...]:
    """The reports of a request that came at this moment; raises `NotTaken` for a body that has none."""
    return _reports(await _body(scope, receive), at_ms)


async def _charge(gate: PlayGate, ticket: Ticket, address: str, reports: int) -> None:
    charge = await gate.charge(ticket, address, reports)
    if not charge.accepted:
        wait = max(1, math.ceil(charge.retry_after_seconds))
        raise NotTaken(429, "too_many", f"These are too many reports. Go on in {wait} s.", {"Retry-After": str(wait)})


async def _body(scope: Scope, receive: Receive) -> bytes:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    if kind.decode("latin-1").partition(";")[0].strip().lower() not in READ_TYPES:
        raise NotTaken(415, "type", "Send the reports as application/json or text/plain.")
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NotTaken(400, "left", "Half a report is none.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise NotTaken(413, "size", f"A request may have at most {MAX_BODY_BYTES} bytes.")
    return body


def _reports(body: bytes, at_ms: int) -> tuple[Report, ...]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotTaken(400, "shape", SHAPE) from None
    listed = said if isinstance(said, list) else [said]
    if not 1 <= len(listed) <= MOST_REPORTS:
        raise NotTaken(400, "shape", SHAPE)
    return tuple([_report(each, at_ms) for each in listed])


def _report(said: Any, at_ms: int) -> Report:
    """What else stands in a report is not read. Python takes `true` for a number, JSON does not."""
    try:
        sequence, position, is_complete = said["sequence"], said["positionSeconds"], EVENTS[said["event"]]
    except (KeyError, TypeError):
        raise NotTaken(400, "shape", SHAPE) from None
    if (
        type(sequence) is not int
        or type(position) not in (int, float)
        or not 0 <= sequence <= MOST_SEQUENCE
        or not 0 <= position <= MOST_POSITION_SECONDS
    ):
        raise NotTaken(400, "shape", SHAPE)
    return Report(sequence, round(position * 1000), at_ms, is_complete)


BARE_ROUTES: Mapping[str, ASGIApp] = {"plays": report_plays}
