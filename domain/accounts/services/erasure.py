"""Forgetting people whose time is up, and removing exports that nobody can fetch any more."""

from datetime import timedelta

import structlog

from domain.accounts.audit import SecurityEventKind
from domain.accounts.services.personal_data import EXPORTS
from domain.accounts.services.security_log import SecurityMeter
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.exports import ExportStore
from domain.kit.blobs import BlobStore
from domain.kit.clock import Clock
from domain.kit.personal_data import PersonalRecords

log = structlog.get_logger()

BATCH = 10
# How long an erasure waits that something stands in the way of.
WAIT = timedelta(hours=1)


class AccountErasure:
    """Safe to run many times at once, and after it broke off anywhere: the account's record goes last."""

    def __init__(self, store: AccountStore, records: PersonalRecords, meter: SecurityMeter, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._meter = meter
        self._clock = clock

    async def sweep(self) -> int:
        """One round; returns how many people were forgotten."""
        erased = 0
        for erasure in await self._store.to_be_erased(self._clock.now(), BATCH):
            if reasons := await self._records.obstacles(erasure.account_id):
                await self._store.postpone_erasure(erasure.account_id, self._clock.now() + WAIT)
                log.warning("account_not_erased", account_id=erasure.account_id, reasons=reasons)
            elif await self._store.begin_erasure(erasure.account_id, self._clock.now()):
                await self._records.erase(erasure)
                self._meter.happened(SecurityEventKind.ACCOUNT_ERASED)
                log.info("account_erased")
                erased += 1
        return erased


class ExportJanitor:
    """Removes exports when the link to them is over."""

    def __init__(self, store: ExportStore, blobs: BlobStore, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock

    async def sweep(self) -> int:
        over = await self._store.over(self._clock.now(), BATCH)
        for account_id, export_id in over:
            await self._blobs.delete_folder(f"{EXPORTS}/{account_id}/{export_id}")
            await self._store.remove(export_id)
        return len(over)
