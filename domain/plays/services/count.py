"""Counting: from the log of reports to plays in the database."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from domain.kit.transactions import Session, Transactions
from domain.plays import rules
from domain.plays.log import Allotment, Batch, ListenStates, PlayLog, PlayMeter
from domain.plays.model import Listen, Play, Receipt, Report, Ticket
from domain.plays.store import PlayStore

log = structlog.get_logger()

WAIT_SECONDS = 2.0
PAUSE_SECONDS = 1.0
# Far longer than a batch takes: what is held for so long was held by somebody who died.
DEAD_SECONDS = 30.0


@dataclass(frozen=True)
class _Open:
    """A listen of this batch."""

    ticket: Ticket
    address: str
    reports: list[Report]


class PlayCounting:
    """Runs beside the jobs of every worker. Whatever breaks off is done again, and counts nothing twice.

    An entry leaves the log after the database has what came of it. A play is told by its id, and its counters change in
    the transaction that writes it.
    """

    def __init__(
        self, plays: PlayLog, states: ListenStates, store: PlayStore, transactions: Transactions, meter: PlayMeter
    ) -> None:
        self._log = plays
        self._states = states
        self._store = store
        self._transactions = transactions
        self._meter = meter

    async def run(self, consumer: str) -> None:
        """Until it is cancelled. A batch that fails stays in the log, and is claimed again after a while."""
        while True:
            try:
                await self.step(consumer, WAIT_SECONDS)
            except Exception as error:
                self._meter.failed()
                log.warning("plays_not_counted", reason=str(error)[:200], kind=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def step(self, consumer: str, wait_seconds: float = 0.0) -> int:
        """Counts the next batch; returns of how many requests it was."""
        batch = await self._log.take(consumer, wait_seconds)
        return 0 if batch is None else await self._count(batch)

    async def sweep(self, consumer: str = "sweeper", idle_seconds: float = DEAD_SECONDS) -> int:
        """Counts what others have taken and not finished; returns how many entries there were."""
        self._meter.waiting(await self._log.backlog())
        claimed = 0
        while (batch := await self._log.claim(consumer, idle_seconds)) is not None:
            await self._count(batch)
            claimed += len(batch.names)
        return claimed

    async def _count(self, batch: Batch) -> int:
        if batch.unreadable:
            self._meter.dropped("unreadable", batch.unreadable)
            log.error("play_reports_unreadable", fields=batch.unreadable)
        opened = _by_listen(batch.receipts)
        known = await self._states.add({listen_id: each.reports for listen_id, each in opened.items()})
        due = {
            listen_id: heard
            for listen_id, listen in known.items()
            if rules.is_due(
                listen, heard := rules.heard_ms(listen.reports), rules.needed_ms(opened[listen_id].ticket.duration_ms)
            )
        }
        if due:
            await self._write([(opened[each], known[each], heard) for each, heard in due.items()])
            await self._states.written(due)
        await self._log.done(batch)
        return len(batch.receipts)

    async def _write(self, due: Sequence[tuple[_Open, Listen, int]]) -> None:
        wanted = [_allotment(each, listen) for each, listen, _ in due]
        admitted = await self._states.admit(wanted)
        plays = [
            _play(each.ticket, listen, heard, is_counted)
            for (each, listen, heard), is_counted in zip(due, admitted, strict=True)
        ]

        async def write(session: Session) -> Sequence[Play]:
            return await self._store.write(plays, session)

        new = await self._transactions.run(write)
        counted = sum(play.is_counted for play in new)
        self._meter.counted(counted, len(new) - counted)


def _by_listen(receipts: Sequence[Receipt]) -> Mapping[str, _Open]:
    opened: dict[str, _Open] = {}
    for ticket, address, reports in receipts:
        known = opened.get(ticket.listen_id)
        if known is None:
            opened[ticket.listen_id] = _Open(ticket, address, list(reports))
        else:
            known.reports.extend(reports)
    return opened


def _allotment(opened: _Open, listen: Listen) -> Allotment:
    """One of the places of the listener, or of the address when nobody knows who listens."""
    ticket, day = opened.ticket, _began_at(listen).date()
    if ticket.listener_id is not None:
        return Allotment(ticket.listener_id, ticket.track_id, day, ticket.listen_id, rules.PLAYS_PER_LISTENER)
    return Allotment(f"at {opened.address}", ticket.track_id, day, ticket.listen_id, rules.PLAYS_PER_ADDRESS)


def _play(ticket: Ticket, listen: Listen, heard_ms: int, is_counted: bool) -> Play:
    return Play(
        id=ticket.listen_id,
        track_id=ticket.track_id,
        owner_id=ticket.owner_id,
        version_id=ticket.version_id,
        listener_id=ticket.listener_id,
        began_at=_began_at(listen),
        heard_seconds=heard_ms / 1000,
        is_counted=is_counted,
    )


def _began_at(listen: Listen) -> datetime:
    return datetime.fromtimestamp(rules.began_ms(listen.reports) / 1000, UTC)
