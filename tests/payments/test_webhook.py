"""What the webhook answers when something fails here: the gateway has to send the event again."""

import httpx
import pytest
import strawberry
from pymongo.errors import AutoReconnect

from domain.kit.errors import DependencyUnavailable
from domain.kit.registry import Services
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SubscriptionStore
from tests.graphql.harness import Door, open_api
from tests.payments.shop import Shop
from tests.payments.stripe_shapes import event, session, signed


class FailingOrders(OrderStore):
    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    async def find(self, order_id: str) -> None:
        raise self._failure


@pytest.mark.parametrize(
    "failure, status",
    [(RuntimeError("a bug"), 500), (DependencyUnavailable("Stripe", "down"), 503), (AutoReconnect("no primary"), 503)],
)
async def test_a_failure_asks_to_be_sent_again_and_tells_nothing(
    shop: Shop, door: Door, schema: strawberry.Schema, failure: Exception, status: int
) -> None:
    events = PaymentEvents(FailingOrders(failure), SubscriptionStore(), shop.world.get(OrderSettlement), shop.gateway)
    services = Services()
    services.add(events)
    payload = event("checkout.session.completed", session("order"), shop.now)
    async with open_api(shop.world, door, schema, services=services) as api:
        answer: httpx.Response = await api.http.post(
            "/webhooks/payments",
            content=payload,
            headers={"Stripe-Signature": signed(payload, shop.secret, shop.now)},
        )
    assert answer.status_code == status
    assert "a bug" not in answer.text
    assert await shop.world.documents("payment_events") == []
