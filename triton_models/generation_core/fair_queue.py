"""Who begins next: start-time fair queuing of priorities, and of owners within each, as the queue of the jobs does it.

What is shared is positions that the model works through, not requests. Bounded by the scheduler, not here.
"""

import heapq
from collections import deque
from itertools import count
from typing import Final, Generic, TypeVar

from triton_models.generation_core.request import Priority, Request

SHARES: Final = {Priority.INTERACTIVE: 8.0, Priority.STANDARD: 4.0, Priority.BATCH: 1.0}
Key = TypeVar("Key")


class Shares(Generic[Key]):
    """Start tags of flows (Goyal, Vin, Cheng 1996). A flow that was idle has saved nothing up."""

    def __init__(self) -> None:
        self._now = 0.0
        self._finished: dict[Key, float] = {}
        self._tags: dict[Key, float] = {}

    def __len__(self) -> int:
        """Flows of which something is remembered."""
        return len(self._finished.keys() | self._tags.keys())

    def join(self, flow: Key) -> None:
        """The flow has work from now on; nothing happens if it had."""
        self._tags.setdefault(flow, max(self._now, self._finished.get(flow, 0.0)))

    def first(self) -> Key:
        """The flow whose turn it is: the lowest start tag, the earlier one of equals. There must be one with work."""
        return min(self._tags, key=self._tags.__getitem__)

    def serve(self, flow: Key, cost: float) -> None:
        """The flow had a turn that costs this much of its share."""
        self._now = self._tags.pop(flow)
        self._finished[flow] = self._tags[flow] = self._now + cost

    def leave(self, flow: Key) -> None:
        """The flow has no work any more."""
        del self._tags[flow]
        if not self._tags:
            self._now = max(self._finished.values(), default=self._now)
        self._forget()

    def give_back(self, flow: Key, cost: float) -> None:
        """So much of what the flow paid was not used."""
        if flow in self._finished:
            self._finished[flow] -= cost
        if flow in self._tags:
            self._tags[flow] = max(self._now, self._tags[flow] - cost)

    def _forget(self) -> None:
        """Flows that are idle and owe nothing would begin at `now` anyway."""
        for flow in [flow for flow, end in self._finished.items() if end <= self._now and flow not in self._tags]:
            del self._finished[flow]


class FairQueue:
    """Requests that wait. Within an owner and a priority the first to come is the first to go."""

    def __init__(self) -> None:
        self._priorities = Shares[Priority]()
        self._owners = {priority: Shares[str]() for priority in Priority}
        self._waiting: dict[tuple[Priority, str], deque[Request]] = {}
        self._by_id: dict[str, Request] = {}
        self._deadlines: list[tuple[float, int, Request]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, request_id: str) -> bool:
        return request_id in self._by_id

    def push(self, request: Request) -> None:
        """The request waits from now on."""
        flow = (request.priority, request.owner_id)
        self._by_id[request.request_id] = request
        self._waiting.setdefault(flow, deque()).append(request)
        if request.deadline < float("inf"):
            heapq.heappush(self._deadlines, (request.deadline, next(self._numbers), request))
        self._priorities.join(request.priority)
        self._owners[request.priority].join(request.owner_id)

    def first(self) -> Request | None:
        """Whose turn it is; it stays until it is taken, so a pair that needs two slots is not overtaken for ever."""
        if not self._by_id:
            return None
        priority = self._priorities.first()
        return self._waiting[priority, self._owners[priority].first()][0]

    def take(self, request: Request) -> None:
        """The request begins: what it may cost is charged."""
        self._priorities.serve(request.priority, request.cost / SHARES[request.priority])
        self._owners[request.priority].serve(request.owner_id, request.cost / request.weight)
        self.remove(request.request_id)

    def remove(self, request_id: str) -> Request:
        """The request waits no more."""
        request = self._by_id.pop(request_id)
        flow = (request.priority, request.owner_id)
        self._waiting[flow].remove(request)
        if not self._waiting[flow]:
            del self._waiting[flow]
            self._owners[request.priority].leave(request.owner_id)
            if not any(priority == request.priority for priority, _ in self._waiting):
                self._priorities.leave(request.priority)
        return request

    def settle(self, request: Request, unused: float) -> None:
        """The request, taken earlier, ended with so much of its cost unused."""
        self._priorities.give_back(request.priority, unused / SHARES[request.priority])
        self._owners[request.priority].give_back(request.owner_id, unused / request.weight)

    def overdue(self, now: float) -> list[Request]:
        """Those whose deadline has passed."""
        found = []
        while self._deadlines and self._deadlines[0][0] <= now:
            request = heapq.heappop(self._deadlines)[2]
            if self._by_id.get(request.request_id) is request:
                found.append(request)
        return found
