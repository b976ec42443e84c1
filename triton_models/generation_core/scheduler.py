"""The core of continuous batching: slots, admission, prompts in chunks, one token per request and step, ends.

Pure of threads: one caller at a time. `step` does a bounded piece of work and returns what happened.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from triton_models.generation_core.active import Active
from triton_models.generation_core.admission import check
from triton_models.generation_core.batch import Batch
from triton_models.generation_core.errors import (
    DeadlineExceededError,
    GenerationError,
    GrammarFaultError,
    ModelFaultError,
    QueueFullError,
    RequestCancelledError,
    RequestInvalidError,
)
from triton_models.generation_core.events import Ended, Event, Outcome
from triton_models.generation_core.fair_queue import FairQueue
from triton_models.generation_core.metrics import Meter, Snapshot
from triton_models.generation_core.model import Logits, StepModel
from triton_models.generation_core.request import Request


@dataclass(frozen=True)
class Limits:
    """`most_waiting` beyond those for whom slots are free. At most `prompt_chunk` positions of one prompt are taken in
    per step, so that the others wait no longer than that for their token.
    """

    most_waiting: int = 256
    prompt_chunk: int = 64


class Scheduler:
    """Requests go from waiting to reading (their prompts are taken in) to making tokens, and leave at any step."""

    def __init__(
        self, model: StepModel, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._model = model
        self._limits = limits or Limits()
        self._clock = clock
        self._waiting = FairQueue()
        self._submitted: dict[str, float] = {}
        self._free = list(range(model.slots))
        self._active: dict[str, Active] = {}
        self._reading = deque[Active]()
        self._joining: list[Active] = []
        self._members: list[Active] = []
        self._batch: Batch | None = None
        self._events: list[Event] = []
        self._meter = Meter()
        self._in_model = 0.0

    @property
    def waiting(self) -> int:
        """Requests without a slot."""
        return len(self._waiting)

    @property
    def room(self) -> int:
        """Requests that would not be refused now."""
        return max(0, self._limits.most_waiting + len(self._free) - len(self._waiting))

    @property
    def idle(self) -> bool:
        """Nothing to do and nothing to tell."""
        return not (self._active or self._waiting or self._events)

    def check(self, request: Request) -> None:
        """Raises RequestInvalidError or RequestTooLargeError; any thread may ask."""
        check(request, self._model)

    def submit(self, request: Request) -> None:
        """Raises RequestInvalidError, RequestTooLargeError or QueueFullError, and then nothing has changed."""
        self.check(request)
        if request.request_id in self._submitted:
            raise RequestInvalidError(f"the request {request.request_id} is here already")
        if not self.room:
            self._meter.refused += 1
            raise QueueFullError(len(self._waiting))
        self._submitted[request.request_id] = self._clock()
        self._waiting.push(request)

    def cancel(self, request_id: str) -> None:
        """The request ends now, waiting or not; one that has ended is left alone."""
        self._give_up(request_id, Outcome.CANCELLED, RequestCancelledError("the request was cancelled"))

    def fail_all(self, error: GenerationError) -> None:
        """Every request ends with this error."""
        for request_id in list(self._submitted):
            self._give_up(request_id, Outcome.FAILED, error)

    def step(self) -> list[Event]:
        """Ends what is overdue, admits, takes in a chunk of one prompt, makes a token for each that can."""
        began = self._clock()
        self._in_model = 0.0
        self._expire(began)
        self._admit()
        self._read()
        made = self._make()
        ended = self._clock()
        self._meter.step(ended, ended - began, self._in_model, made)
        events, self._events = self._events, []
        return events

    def snapshot(self) -> Snapshot:
        """The numbers of this moment."""
        slots = self._model.slots
        return self._meter.snapshot(self._clock(), slots, slots - len(self._free), len(self._waiting))

    def _expire(self, now: float) -> None:
        overdue = [each.request_id for each in self._waiting.overdue(now)]
        overdue += [request_id for request_id, each in self._active.items() if each.request.deadline <= now]
        for request_id in overdue:
            self._give_up(request_id, Outcome.EXPIRED, DeadlineExceededError("the request took too long"))

    def _admit(self) -> None:
        """Whose turn it is begins if its rows fit; nobody overtakes it, or a pair would wait for ever."""
        while (request := self._waiting.first()) is not None and len(request.rows) <= len(self._free):
            self._waiting.take(request)
            now = self._clock()
            self._meter.queued.append(now - self._submitted[request.request_id])
            slots = tuple(self._free.pop(0) for _ in request.rows)
            active = Active(request, slots, self._model.books, now)
            self._active[request.request_id] = active
            try:
                for slot, row in zip(slots, request.rows, strict=True):
                    self._model.open(slot, row.conditioning)
            except Exception as error:
                self._fail(active, _fault(error))
            else:
                self._place(active)

    def _place(self, active: Active) -> None:
        """A prompt of one position needs no reading: the first step takes in the last position of every prompt."""
        if active.unread() is None:
            self._joining.append(active)
        else:
            self._reading.append(active)

    def _read(self) -> None:
        """One chunk of the prompt that was longest not attended to."""
        if not self._reading:
            return
        active = self._reading.popleft()
        if self._take_in(active):
            self._place(active)

    def _take_in(self, active: Active) -> bool:
        """Whether it went well; if not, the request has ended."""
        row = active.unread()
        if row is None:
            return True
        chunk = active.next_chunk(row, self._limits.prompt_chunk)
        began = self._clock()
        try:
            self._model.prefill(active.slots[row], chunk, active.taken[row])
        except Exception as error:
            self._fail(active, _fault(error))
            return False
        finally:
            self._in_model += self._clock() - began
        active.taken[row] += len(chunk)
        self._meter.prompt_tokens += len(chunk)
        return True

    def _make(self) -> int:
        """One token for each request in the batch; how many."""
        if self._joining:
            self._members += self._joining
            self._joining.clear()
            self._batch = None
        logits = self._logits()
        if logits is None or self._batch is None:
            return 0
        batch = self._batch
        tokens, faults = batch.draw(logits)
        batch.advance(tokens)
        now = self._clock()
        drawn = tokens.tolist()
        for index, member in enumerate(batch.members):
            if index in faults:
                self._fail(member, faults[index])
            else:
                self._accept(member, drawn[index], now)
        return len(drawn) - len(faults)

    def _logits(self) -> Logits | None:
        """Of the batch, less those for whom the model fails even when they are alone; None when nobody is left."""
        if not self._members:
            return None
        if self._batch is None:
            self._batch = Batch(self._members, self._model.books)
        began = self._clock()
        try:
            return self._batch.logits(self._model)
        except Exception as error:
            return self._logits_one_by_one(error)
        finally:
            self._in_model += self._clock() - began

    def _logits_one_by_one(self, fault: Exception) -> Logits | None:
        """The model failed on the batch: whom does that concern? A step may be repeated, it writes the same places."""
        if len(self._members) == 1:
            self._fail(self._members[0], _fault(fault))
            return None
        found = []
        for member in list(self._members):
            try:
                found.append(Batch([member], self._model.books).logits(self._model))
            except Exception as error:
                self._fail(member, _fault(error))
        if not found:
            return None
        self._batch = Batch(self._members, self._model.books)
        return np.concatenate(found)

    def _accept(self, active: Active, tokens: list[int], now: float) -> None:
        grammar = active.request.grammar
        try:
            if grammar is not None:
                grammar.accept(tokens)
            chunks = active.accept(tokens)
        except Exception as error:
            self._fail(active, GrammarFaultError(repr(error)))
            return
        self._events += chunks
        if chunks and not active.boundary_seen:
            active.boundary_seen = True
            self._meter.to_boundary.append(now - self._submitted[active.request.request_id])
        if active.outcome is not None:
            self._release(active)
            self._end(active.request.request_id, active.outcome, None)

    def _fail(self, active: Active, error: GenerationError) -> None:
        self._release(active)
        self._end(active.request.request_id, Outcome.FAILED, error)

    def _give_up(self, request_id: str, outcome: Outcome, error: GenerationError) -> None:
        if request_id in self._waiting:
            self._waiting.remove(request_id)
        elif request_id in self._active:
            self._release(self._active[request_id])
        else:
            return
        self._end(request_id, outcome, error)

    def _release(self, active: Active) -> None:
        """The slots are free again, the lowest first; what was charged and not used is given back."""
        del self._active[active.request.request_id]
        for queue in (self._reading, self._joining, self._members):
            if active in queue:
                queue.remove(active)
        self._batch = None
        for slot in active.slots:
            self._model.close(slot)
        self._free = sorted([*self._free, *active.slots])
        self._waiting.settle(active.request, active.unused_cost)

    def _end(self, request_id: str, outcome: Outcome, error: GenerationError | None) -> None:
        del self._submitted[request_id]
        self._meter.ended[outcome] += 1
        self._events.append(Ended(request_id, outcome, error))


def _fault(error: Exception) -> ModelFaultError:
    return ModelFaultError(" ".join(repr(error).split()))
