"""Webhooks put together."""

from collections.abc import Sequence

from adapters.meters.webhooks import PrometheusWebhookMeter
from bootstrap.area import Area, JobTypeNames
from bootstrap.services import Kit
from bootstrap.webhooks import PublicJobNaming
from domain.generation.services.request import GenerationRequests
from domain.idempotency.service import Idempotency
from domain.jobs.services.observe import JobObservers
from domain.uploads.services.look import UploadLooking
from domain.webhooks.documents import DeliveryDocument, EndpointDocument
from domain.webhooks.sealing import EndpointSealer
from domain.webhooks.services.bell import WebhookBell
from domain.webhooks.services.deliver import WebhookDelivering
from domain.webhooks.services.dispatch import WebhookDispatch
from domain.webhooks.services.look_back import WebhookHistory
from domain.webhooks.services.manage import WebhookEndpoints
from domain.webhooks.services.personal_data import WebhookPersonalData
from domain.webhooks.services.record import WebhookRecording
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore
from graphql_api.webhooks.mutations.deliveries import DeliveryMutation
from graphql_api.webhooks.mutations.endpoints import EndpointMutation
from graphql_api.webhooks.queries import WebhookQuery
from graphql_api.webhooks.types import HANDLERS as WEBHOOK_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    endpoints, deliveries, bell = EndpointStore(), DeliveryStore(), WebhookBell(kit.events)
    outbound, meter, sealer = kit.outbound, PrometheusWebhookMeter(), EndpointSealer(kit.identity.box)
    naming = PublicJobNaming(
        kit.services.get(JobTypeNames).by_kind, kit.services.get(GenerationRequests), kit.services.get(UploadLooking)
    )
    recording = WebhookRecording(endpoints, deliveries, naming, bell)
    kit.services.get(JobObservers).add(recording)
    delivering = WebhookDelivering(endpoints, deliveries, outbound.sender, sealer, meter, kit.clock)
    idempotency = kit.services.get(Idempotency)
    return [
        recording,
        WebhookEndpoints(endpoints, deliveries, sealer, outbound.destinations, idempotency, kit.clock),
        WebhookHistory(endpoints, deliveries, bell, kit.clock),
        WebhookDispatch(deliveries, delivering, bell, meter, kit.clock),
        WebhookPersonalData(endpoints, deliveries),
    ]


AREA = Area(
    name="webhooks",
    documents=[EndpointDocument, DeliveryDocument],
    build=build,
    personal=WebhookPersonalData,
    queries=[WebhookQuery],
    mutations=[EndpointMutation, DeliveryMutation],
    handlers=WEBHOOK_HANDLERS,
)
