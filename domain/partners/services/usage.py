"""Counting what organisations use: in memory with every call, in the database every few seconds."""

import asyncio
from contextlib import suppress
from datetime import date

import structlog

from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.errors import ValidationFailed
from domain.partners.services.organisations import OrganisationService
from domain.partners.stores.usage import UsageStore
from domain.partners.usage import Usage, UsageKey, UsageReport, period_issues

log = structlog.get_logger()

FLUSH_SECONDS = 5.0


class PartnerUsage:
    """A process that is killed loses the last few seconds of its counts; one that is stopped loses nothing."""

    def __init__(self, store: UsageStore, organisations: OrganisationService, clock: Clock) -> None:
        self._store = store
        self._organisations = organisations
        self._clock = clock
        self._counted: dict[UsageKey, tuple[str | None, Usage]] = {}
        self._stopping = asyncio.Event()

    def note(self, organisation_id: str, digest: str, name: str | None, cost: int, *, failed: bool) -> None:
        """One call of one operation."""
        key = UsageKey(organisation_id, self._clock.now().date(), digest)
        self._add(key, name, Usage(1, cost, int(failed)))

    async def report(self, caller: Caller, organisation_id: str, first: date, last: date) -> UsageReport:
        """For all members; both days, in UTC, included. Raises `ValidationFailed` and `NotFound`."""
        organisation = await self._organisations.as_member(caller, organisation_id)
        if issues := period_issues(first, last):
            raise ValidationFailed(issues)
        return await self._store.report(organisation.id, first, last)

    async def run(self) -> None:
        """Until it is stopped; then it has written what was left."""
        stopped = False
        while not stopped:
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    stopped = await self._stopping.wait()
            await self.flush()

    def stop(self) -> None:
        """A cancellation would leave open whether what was being written is written."""
        self._stopping.set()

    async def flush(self) -> None:
        """What cannot be written now is written later."""
        counted, self._counted = self._counted, {}
        try:
            await self._store.add(counted)
        except Exception as error:
            for key, (name, usage) in counted.items():
                self._add(key, name, usage)
            log.warning("usage_not_written", entries=len(counted), reason=type(error).__name__)

    def _add(self, key: UsageKey, name: str | None, usage: Usage) -> None:
        _, before = self._counted.get(key, (name, Usage()))
        self._counted[key] = (name, before.plus(usage))
