"""Idempotency keys put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.idempotency.documents import KeyDocument
from domain.idempotency.service import Idempotency
from domain.idempotency.store import KeyStore
from graphql_api.core.idempotency import HANDLERS as IDEMPOTENCY_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    return [Idempotency(KeyStore(), kit.transactions, kit.clock)]


AREA = Area(
    name="idempotency",
    documents=[KeyDocument],
    build=build,
    handlers=IDEMPOTENCY_HANDLERS,
)
