"""One attempt to deliver one message, and what follows from how it ended."""

import random
import time

import structlog

from domain.kit.clock import Clock
from domain.webhooks.model import GONE, Attempt, Delivery, DeliveryStatus, Endpoint, EndpointStatus
from domain.webhooks.sealing import EndpointSealer, Unsealable
from domain.webhooks.sender import (
    DeliveryProblem,
    Message,
    NotDelivered,
    WebhookMeter,
    WebhookSender,
)
from domain.webhooks.signing import signed_headers
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore

log = structlog.get_logger()

USER_AGENT = "Cadenza-Webhooks/1"
OUR_OWN_FAULT = frozenset({DeliveryProblem.UNSIGNABLE, DeliveryProblem.INTERNAL})


class WebhookDelivering:
    """Delivers what was claimed."""

    def __init__(
        self,
        endpoints: EndpointStore,
        deliveries: DeliveryStore,
        sender: WebhookSender,
        sealer: EndpointSealer,
        meter: WebhookMeter,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._sender = sender
        self._sealer = sealer
        self._meter = meter
        self._clock = clock

    async def deliver(self, delivery: Delivery) -> None:
        """One attempt, and its end written down. What belongs to no endpoint any more is removed."""
        endpoint = await self._endpoints.find(delivery.endpoint_id)
        if endpoint is None:
            await self._deliveries.remove(delivery)
        elif not endpoint.is_enabled and not delivery.is_test:
            await self._deliveries.give_up(delivery)
        else:
            await self._settle(endpoint, delivery, await self._attempt(endpoint, delivery))

    async def _attempt(self, endpoint: Endpoint, delivery: Delivery) -> Attempt:
        at, started = self._clock.now(), time.monotonic()
        status, problem, excerpt = None, None, ""
        try:
            answer = await self._sender.send(self._message(endpoint, delivery))
            status, excerpt = answer.status, answer.excerpt
            problem = None if 200 <= status < 300 else DeliveryProblem.NOT_ACCEPTED
        except NotDelivered as error:
            problem = error.problem
            log.info("webhook_not_delivered", delivery_id=delivery.id, endpoint_id=endpoint.id, reason=str(error)[:200])
        except Unsealable:
            problem = DeliveryProblem.UNSIGNABLE
            log.error("webhook_secret_unreadable", endpoint_id=endpoint.id)
        except Exception as error:
            problem = DeliveryProblem.INTERNAL
            log.error("webhook_attempt_crashed", delivery_id=delivery.id, exc_info=error)
        return Attempt(at, round(time.monotonic() - started, 3), status, problem, excerpt)

    def _message(self, endpoint: Endpoint, delivery: Delivery) -> Message:
        now, body = self._clock.now(), delivery.body.encode()
        secrets = [self._sealer.open(sealed) for sealed in endpoint.sealed_secrets(now)]
        headers = {"content-type": "application/json", "user-agent": USER_AGENT}
        return Message(endpoint.url, {**headers, **signed_headers(delivery.message_id, body, secrets, now)}, body)

    async def _settle(self, endpoint: Endpoint, delivery: Delivery, attempt: Attempt) -> None:
        is_gone = attempt.status == GONE and not delivery.is_test
        pause = None if is_gone else delivery.pause(random.random())
        if attempt.problem is None:
            status = DeliveryStatus.DELIVERED
        else:
            status = DeliveryStatus.FAILED if pause is None else DeliveryStatus.PENDING
        due_at = attempt.at if pause is None else attempt.at + pause
        self._meter.attempted("retried" if status is DeliveryStatus.PENDING else status.value.lower(), attempt.seconds)
        if await self._deliveries.finish(delivery, attempt, status, due_at) is None:
            log.warning("webhook_claim_lost", delivery_id=delivery.id)
        elif not delivery.is_test:
            await self._note(endpoint, attempt, is_gone=is_gone)

    async def _note(self, endpoint: Endpoint, attempt: Attempt, *, is_gone: bool) -> None:
        """What the attempt means for the endpoint."""
        if attempt.problem is None:
            if endpoint.failing_since is not None:
                await self._endpoints.note_success(endpoint.id)
            await self._reseal(endpoint)
            return
        if is_gone:
            await self._disable(endpoint, EndpointStatus.DISABLED_GONE)
            return
        if attempt.problem not in OUR_OWN_FAULT:
            now = self._clock.now()
            failing = await self._endpoints.note_failure(endpoint.id, now)
            if failing is not None and failing.is_given_up(now):
                await self._disable(failing, EndpointStatus.DISABLED_FAILING)

    async def _reseal(self, endpoint: Endpoint) -> None:
        """So that an older secret of the server's can be dropped one day."""
        for sealed in endpoint.sealed_secrets(self._clock.now()):
            if (renewed := self._sealer.renewed(sealed)) is not None:
                await self._endpoints.reseal(endpoint.id, sealed, renewed)

    async def _disable(self, endpoint: Endpoint, status: EndpointStatus) -> None:
        if not await self._endpoints.disable(endpoint, status, self._clock.now()):
            return
        missed = await self._deliveries.give_up_all(endpoint.id)
        self._meter.disabled(status.value)
        log.warning("webhook_endpoint_disabled", endpoint_id=endpoint.id, status=status.value, missed=missed)
