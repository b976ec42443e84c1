"""Writing down, in the transaction that ends a job, whom that has to be told."""

from domain.jobs.model import Job
from domain.jobs.services.observe import AfterCommit
from domain.kit.transactions import Session
from domain.webhooks.model import Delivery, DeliveryStatus, Endpoint, WebhookEvent, delivery_id
from domain.webhooks.payload import JobNaming, job_body
from domain.webhooks.services.bell import WebhookBell
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore


class WebhookRecording:
    """Observes jobs. An endpoint that is disabled misses the delivery, which can be replayed."""

    def __init__(
        self, endpoints: EndpointStore, deliveries: DeliveryStore, naming: JobNaming, bell: WebhookBell
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._naming = naming
        self._bell = bell

    async def on_end(self, session: Session, job: Job) -> AfterCommit | None:
        """See `JobObserver.on_end`; raises `ValueError` for a job that has not ended."""
        event = WebhookEvent.of(job.status)
        endpoints = await self._endpoints.listening(job.owner_id, event, session)
        if not endpoints:
            return None
        if job.finished_at is None:
            raise ValueError(f"{job.id} has not ended")
        body = job_body(job, event, await self._naming.names_of(job), job.finished_at)
        deliveries = [_delivery(endpoint, job, event, body) for endpoint in endpoints]
        await self._deliveries.insert(deliveries, session)
        return self._bell.ring


def _delivery(endpoint: Endpoint, job: Job, event: WebhookEvent, body: str) -> Delivery:
    at = job.changed_at
    return Delivery(
        id=delivery_id(endpoint.id, job, event),
        endpoint_id=endpoint.id,
        owner_id=job.owner_id,
        type=event.value,
        job_id=job.id,
        body=body,
        status=DeliveryStatus.PENDING if endpoint.is_enabled else DeliveryStatus.FAILED,
        due_at=at,
        created_at=at,
    )
