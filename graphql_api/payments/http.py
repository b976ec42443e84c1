"""The gateway's webhooks. Bodies are limited by the middleware around all routes, to 256 KiB."""

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from domain.kit.errors import DependencyUnavailable
from domain.kit.registry import Services
from domain.payments.errors import PaymentsNotSetUp
from domain.payments.gateway import InvalidSignature
from domain.payments.services.receive import PaymentEvents
from graphql_api.payments.pages import ROUTES as PAGE_ROUTES

log = structlog.get_logger()

SIGNATURE_HEADER = "stripe-signature"
RETRY_SECONDS = 30


async def webhook(request: Request) -> Response:
    """200 for what is done, 400 for what is not the gateway's; whatever else fails asks to be sent again."""
    services: Services = request.app.state.services
    payload = await request.body()
    try:
        await services.get(PaymentEvents).receive(payload, request.headers.get(SIGNATURE_HEADER, ""))
    except InvalidSignature:
        log.warning("payment_webhook_refused", bytes=len(payload))
        return PlainTextResponse("The signature does not fit, or the message is too old.", 400)
    except PaymentsNotSetUp:
        return PlainTextResponse("Payments are not set up here.", 404)
    except Exception as error:
        return _to_be_sent_again(request, error)
    return PlainTextResponse("ok")


def _to_be_sent_again(request: Request, error: Exception) -> Response:
    outage = error if isinstance(error, DependencyUnavailable) else request.app.state.as_unavailable(error)
    if outage is None:
        log.error("payment_webhook_crashed", exc_info=error)
        return PlainTextResponse("Something went wrong here; send it again.", 500)
    log.warning("payment_webhook_postponed", dependency=outage.dependency, detail=outage.detail)
    return PlainTextResponse(outage.message, 503, {"Retry-After": str(RETRY_SECONDS)})


ROUTES = (Route("/webhooks/payments", webhook, methods=["POST"]), *PAGE_ROUTES)
