"""The log of reports and the open listens in memory."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from domain.kit.errors import DependencyUnavailable
from domain.plays.log import Allotment, Backlog, Batch
from domain.plays.model import Listen, Receipt, Report


class MemoryPlayLog:
    """`is_down` makes it fail as a server that is away; time does not pass for `claim`."""

    def __init__(self, most_entries: int = 1_000) -> None:
        self.is_down = False
        self._most_entries = most_entries
        self._waiting: dict[str, Sequence[Receipt]] = {}
        self._pending: dict[str, Sequence[Receipt]] = {}
        self._count = 0

    async def append(self, receipts: Sequence[Receipt]) -> bool:
        self._look()
        if len(self._waiting) + len(self._pending) >= self._most_entries:
            return False
        self._count += 1
        self._waiting[str(self._count)] = tuple(receipts)
        return True

    async def take(self, consumer: str, wait_seconds: float) -> Batch | None:
        self._look()
        taken, self._waiting = self._waiting, {}
        self._pending.update(taken)
        return _batch(taken)

    async def claim(self, consumer: str, idle_seconds: float) -> Batch | None:
        self._look()
        return _batch(self._pending)

    async def done(self, batch: Batch) -> None:
        self._look()
        for name in batch.names:
            self._pending.pop(name, None)

    async def backlog(self) -> Backlog:
        self._look()
        return Backlog(len(self._waiting) + len(self._pending), 0.0)

    def _look(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Redis", "switched off by a test")


class MemoryListenStates:
    """Keeps everything for as long as it lives."""

    def __init__(self) -> None:
        self._reports: dict[str, list[Report]] = defaultdict(list)
        self._written: dict[str, int] = {}
        self._places: dict[tuple[str, str, str], set[str]] = defaultdict(set)

    async def add(self, reports: Mapping[str, Sequence[Report]]) -> Mapping[str, Listen]:
        for listen_id, added in reports.items():
            self._reports[listen_id].extend(added)
        return {each: Listen(tuple(self._reports[each]), self._written.get(each, 0)) for each in reports}

    async def written(self, heard: Mapping[str, int]) -> None:
        for listen_id, heard_ms in heard.items():
            self._written[listen_id] = max(self._written.get(listen_id, 0), heard_ms)

    async def admit(self, wanted: Sequence[Allotment]) -> Sequence[bool]:
        return [self._has_place(each) for each in wanted]

    def _has_place(self, wanted: Allotment) -> bool:
        taken = self._places[(wanted.day.isoformat(), wanted.who, wanted.track_id)]
        if len(taken) < wanted.most:
            taken.add(wanted.listen_id)
        return wanted.listen_id in taken


def _batch(entries: Mapping[str, Sequence[Receipt]]) -> Batch | None:
    if not entries:
        return None
    return Batch(tuple(entries), [receipt for receipts in entries.values() for receipt in receipts])
