"""The audit log: what happened to an account, told to its owner and counted for operators."""

from datetime import timedelta
from typing import Protocol

import structlog

from domain.accounts.audit import SecurityEvent, SecurityEventKind
from domain.accounts.stores.security_events import SecurityEventStore
from domain.kit.caller import Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session as Transaction

log = structlog.get_logger()

# Attempts at accounts that do not exist are logged as well, so that they take the same time.
NOBODY = ""


class SecurityMeter(Protocol):
    """The port to whatever counts security events."""

    def happened(self, kind: SecurityEventKind) -> None: ...


class SecurityLog:
    """Append only. Events are kept for `kept`, then MongoDB removes them."""

    def __init__(self, store: SecurityEventStore, meter: SecurityMeter, clock: Clock, kept: timedelta) -> None:
        self._store = store
        self._meter = meter
        self._clock = clock
        self._kept = kept

    async def record(
        self,
        account_id: str,
        kind: SecurityEventKind,
        client: Client,
        transaction: Transaction | None = None,
        **detail: str,
    ) -> None:
        """Writes one event, within the caller's transaction if there is one. `detail` must hold no secret."""
        now = self._clock.now()
        event = SecurityEvent(new_id(), account_id, kind, now, client.address, client.user_agent, detail)
        await self._store.append(event, now + self._kept, transaction)
        self._meter.happened(kind)
        log.info("security_event", kind=kind.value, account_id=account_id, **detail)

    def count(self, kind: SecurityEventKind) -> None:
        """For what happens too often to be written down each time."""
        self._meter.happened(kind)

    async def events(self, caller: Caller, page: PageRequest) -> Page[SecurityEvent]:
        """What happened to the caller's account, newest first."""
        return await self._store.page(caller.require(Scope.ACCOUNT_READ), page)
