"""The pages of the test gateway in a real HTTP client."""

import re
from collections.abc import AsyncGenerator

import httpx
import pytest
import strawberry

from domain.kit.registry import Services
from domain.payments.gateway import PortalPage
from domain.payments.model import OrderStatus, SubscriptionStatus
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.sandbox import SandboxDesk
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SubscriptionStore
from graphql_api.core.transport.requests import route_of
from tests.graphql.harness import Api, Door, open_api
from tests.payments.shop import Shop


@pytest.fixture
async def browser(api: Api) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Over a real port; forms lead back to the page."""
    async with httpx.AsyncClient(base_url=api.base_url, follow_redirects=True) as client:
        yield client


def path_of(shop: Shop, url: str | None) -> str:
    assert url is not None
    return url.removeprefix(shop.world.kit.settings.api.address())


def forms(page: str) -> dict[str, str]:
    """Where the buttons of a page lead, by label."""
    found = re.findall(r'<form method="post" action="([^"]+)"><button>([^<]+)</button></form>', page)
    return {label: action for action, label in found}


async def click(browser: httpx.AsyncClient, page: httpx.Response, label: str) -> httpx.Response:
    return await browser.post(forms(page.text)[label])


async def test_a_person_pays_and_is_refunded(api: Api, shop: Shop, browser: httpx.AsyncClient) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    page = await browser.get(path_of(shop, order.checkout_url))
    assert page.status_code == 200
    assert "This is a test." in page.text
    assert "No money moves" in page.text
    assert "1,000 credits for 3.00 USD." in page.text
    assert list(forms(page.text)) == ["Pay", "Decline"]
    paid = await click(browser, page, "Pay")
    assert "<strong>paid</strong>" in paid.text
    assert list(forms(paid.text)) == ["Refund"]
    assert (await shop.wallet(person)).pack_credits == 1000
    refunded = await click(browser, paid, "Refund")
    assert "<strong>refunded</strong>" in refunded.text
    assert forms(refunded.text) == {}
    assert (await shop.wallet(person)).pack_credits == 0


async def test_a_declined_order_is_over(api: Api, shop: Shop, browser: httpx.AsyncClient) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    page = await browser.get(path_of(shop, order.checkout_url))
    declined = await click(browser, page, "Decline")
    assert forms(declined.text) == {}
    # an old tab pays nothing any more
    await click(browser, page, "Pay")
    assert (await shop.order(order.id)).status is OrderStatus.FAILED
    assert (await shop.wallet(person)).pack_credits == 0


async def test_two_clicks_pay_once(api: Api, shop: Shop, browser: httpx.AsyncClient) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    page = await browser.get(path_of(shop, order.checkout_url))
    for _ in range(2):
        await click(browser, page, "Pay")
    assert (await shop.wallet(person)).pack_credits == 1000


async def test_a_subscription_is_paid_renewed_and_ended(api: Api, shop: Shop, browser: httpx.AsyncClient) -> None:
    person = await shop.world.person()
    order = await shop.sales.subscribe(person, "creator", None)
    page = await browser.get(path_of(shop, order.checkout_url))
    assert "10,000 credits every month for 12.00 USD a month." in page.text
    assert forms((await click(browser, page, "Pay")).text) == {}
    wallet = await shop.wallet(person)
    assert (wallet.plan_id, wallet.plan_credits) == ("creator", 10_000)
    # when the portal pays the next period
    portal = await browser.get(path_of(shop, await shop.sales.portal_url(person, PortalPage.OVERVIEW)))
    assert list(forms(portal.text)) == ["Pay the next period", "End the subscription"]
    renewed = await click(browser, portal, "Pay the next period")
    later = await shop.wallet(person)
    assert (later.period_start, later.plan_credits) == (wallet.period_end, 10_000)
    # and then ends it
    ended = await click(browser, renewed, "End the subscription")
    assert "<strong>canceled</strong>" in ended.text
    assert forms(ended.text) == {}
    (record,) = await shop.world.documents("payment_subscriptions")
    assert record["status"] == SubscriptionStatus.CANCELED


async def test_an_address_that_was_not_given_out_leads_nowhere(
    api: Api, shop: Shop, browser: httpx.AsyncClient
) -> None:
    person = await shop.world.person()
    order = await shop.sales.buy_credits(person, "pack-1000", None)
    path = path_of(shop, order.checkout_url)
    before = await api.contents()
    portal = path.replace("/checkout/", "/portal/")
    for wrong in (f"{path[:-6]}AAAAAA", "/payments/test/checkout/x", portal):
        assert (await browser.get(wrong)).status_code == 404
        assert (await browser.post(f"{wrong}/pay")).status_code == 404
    assert (await browser.post(f"{path}/steal")).status_code == 404
    assert (await browser.get(f"{path}/pay")).status_code == 405
    shop.world.clock.advance(23 * 3600 + 1)
    assert (await browser.get(path)).status_code == 404
    assert (await browser.post(f"{path}/pay")).status_code == 404
    assert await api.contents() == before


async def test_pages_are_kept_by_nobody_and_load_nothing(api: Api, shop: Shop, browser: httpx.AsyncClient) -> None:
    order = await shop.sales.buy_credits(await shop.world.person(), "pack-1000", None)
    page = await browser.get(path_of(shop, order.checkout_url))
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_without_the_test_gateway_there_are_no_pages(
    api: Api, shop: Shop, door: Door, schema: strawberry.Schema
) -> None:
    order = await shop.sales.buy_credits(await shop.world.person(), "pack-1000", None)
    path = path_of(shop, order.checkout_url)
    orders, subscriptions = OrderStore(), SubscriptionStore()
    events = PaymentEvents(orders, subscriptions, shop.world.get(OrderSettlement), None)
    services = Services()
    for service in (events, SandboxDesk(orders, subscriptions, events, None)):
        services.add(service)
    async with open_api(shop.world, door, schema, services=services) as closed:
        assert (await closed.http.get(path)).status_code == 404
        assert (await closed.http.post(f"{path}/pay")).status_code == 404
        assert (await closed.http.post("/webhooks/payments", content=b"{}")).status_code == 404
    assert (await shop.order(order.id)).status is OrderStatus.OPEN


def test_tokens_stand_neither_in_metrics_nor_in_logs() -> None:
    assert route_of("/payments/test/checkout/token/pay") == "/payments/test"
    assert route_of("/webhooks/payments") == "/webhooks/payments"
