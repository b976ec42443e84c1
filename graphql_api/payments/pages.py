"""The pages of the test gateway: a checkout and a billing portal where no money moves. Without it they are not there.

The address is the permission: it holds a signed token, which is why the pages ask for no other.
"""

from collections.abc import Awaitable, Callable, Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.registry import Services
from domain.payments.model import LIVE, Order, OrderKind, OrderStatus, Subscription
from domain.payments.services.sandbox import SandboxDesk

NOTHING_HERE = "There is nothing to pay at this address. It may have expired."
RETRY_SECONDS = 2
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} (test)</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem }}
.test {{ background: #fff3cd; color: #533f03; padding: .5rem 1rem; border-radius: .5rem }}
button {{ font: inherit; padding: .5rem 1.5rem; margin: 0 .5rem .5rem 0 }}
form {{ display: inline }}
</style>
</head>
<body>
<p class="test"><strong>This is a test.</strong> No money moves, and no card is asked for.</p>
<h1>{title}</h1>
<p>{text}</p>
<p>Status: <strong>{status}</strong></p>
{buttons}
</body>
</html>
"""


def _desk(request: Request) -> SandboxDesk:
    services: Services = request.app.state.services
    return services.get(SandboxDesk)


async def checkout(request: Request) -> Response:
    return await _answer(request, lambda: _checkout_page(request))


async def portal(request: Request) -> Response:
    return await _answer(request, lambda: _portal_page(request))


async def checkout_action(request: Request) -> Response:
    desk = _desk(request)
    actions = {"pay": desk.pay, "decline": desk.decline, "refund": desk.refund}
    return await _answer(request, lambda: _act(request, actions))


async def portal_action(request: Request) -> Response:
    desk = _desk(request)
    return await _answer(request, lambda: _act(request, {"renew": desk.renew, "cancel": desk.cancel}))


async def _checkout_page(request: Request) -> Response:
    token = request.path_params["token"]
    return _page(f"/payments/test/checkout/{token}", *checkout_words(await _desk(request).order(token)))


async def _portal_page(request: Request) -> Response:
    token = request.path_params["token"]
    return _page(f"/payments/test/portal/{token}", *portal_words(await _desk(request).subscription(token)))


def checkout_words(order: Order) -> tuple[str, str, str, Mapping[str, str]]:
    """Title, text, status and the buttons by action."""
    item = order.item
    price = f"{item.amount_cents / 100:.2f} {item.currency.upper()}"
    text = f"{item.credits:,} credits for {price}."
    if item.kind is OrderKind.PLAN:
        text = f"{item.credits:,} credits every month for {price} a month."
    buttons: dict[str, str] = {}
    if order.status in (OrderStatus.OPEN, OrderStatus.PROCESSING):
        buttons = {"pay": "Pay", "decline": "Decline"}
    elif order.status is OrderStatus.PAID and item.kind is OrderKind.PACK:
        buttons = {"refund": "Refund"}
    return item.name, text, order.status.value.lower().replace("_", " "), buttons


def portal_words(subscription: Subscription) -> tuple[str, str, str, Mapping[str, str]]:
    """Title, text, status and the buttons by action."""
    end = subscription.period_end
    text = f"Plan {subscription.plan_id}" + ("." if end is None else f", paid until {end:%Y-%m-%d}.")
    is_live = subscription.status in LIVE
    buttons = {"renew": "Pay the next period", "cancel": "End the subscription"} if is_live else {}
    return "Subscription", text, subscription.status.value.lower().replace("_", " "), buttons


async def _act(request: Request, actions: Mapping[str, Callable[[str], Awaitable[None]]]) -> Response:
    token, action = request.path_params["token"], request.path_params["action"]
    if action not in actions:
        raise NotFound("action", action)
    await actions[action](token)
    return RedirectResponse(request.url.path.rpartition("/")[0], 303, HEADERS)


def _page(address: str, title: str, text: str, status: str, buttons: Mapping[str, str]) -> Response:
    forms = "\n".join(
        f'<form method="post" action="{escape(f"{address}/{action}")}"><button>{escape(label)}</button></form>'
        for action, label in buttons.items()
    )
    page = PAGE.format(title=escape(title), text=escape(text), status=escape(status), buttons=forms)
    return HTMLResponse(page, headers=HEADERS)


async def _answer(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    try:
        return await work()
    except NotFound:
        return PlainTextResponse(NOTHING_HERE, 404)
    except Exception as error:
        outage = error if isinstance(error, DependencyUnavailable) else request.app.state.as_unavailable(error)
        if outage is None:
            raise
        return PlainTextResponse(outage.message, 503, {"Retry-After": str(RETRY_SECONDS)})


ROUTES = (
    Route("/payments/test/checkout/{token}", checkout),
    Route("/payments/test/checkout/{token}/{action}", checkout_action, methods=["POST"]),
    Route("/payments/test/portal/{token}", portal),
    Route("/payments/test/portal/{token}/{action}", portal_action, methods=["POST"]),
)
