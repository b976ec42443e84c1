"""Idempotency keys put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.idempotency.documents import KeyDocument
from domain.idempotency.service import Idempotency
from domain.idempotency.services.personal_data import KeyPersonalData
from domain.idempotency.store import KeyStore
from graphql_api.core.idempotency import HANDLERS as IDEMPOTENCY_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    store = KeyStore()
    return [Idempotency(store, kit.transactions, kit.clock), KeyPersonalData(store)]


AREA = Area(
    name="idempotency",
    documents=[KeyDocument],
    build=build,
    personal=KeyPersonalData,
    handlers=IDEMPOTENCY_HANDLERS,
)
