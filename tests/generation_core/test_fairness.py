"""Who begins next: shares of priorities and of owners, measured in positions."""

from collections import Counter
from dataclasses import replace

from tests.generation_core.requests import drain, prompt, request
from tests.generation_core.toy_model import ToyModel
from triton_models.generation_core.events import Ended
from triton_models.generation_core.fair_queue import FairQueue, Shares
from triton_models.generation_core.request import Priority, Request, Row
from triton_models.generation_core.scheduler import Scheduler


def of(
    owner: str, number: int, length: int = 4, priority: Priority = Priority.STANDARD, weight: float = 1.0
) -> Request:
    plain = request(f"{owner}{number}", 1, length=length)
    return replace(plain, owner_id=owner, priority=priority, weight=weight)


def order(*requests: Request) -> list[str]:
    """The order in which they begin, one slot for all."""
    queue = FairQueue()
    for wanted in requests:
        queue.push(wanted)
    begun = []
    while (first := queue.first()) is not None:
        queue.take(first)
        begun.append(first.request_id)
    return begun


def test_an_owner_with_many_requests_does_not_hold_up_another() -> None:
    flood = [of("a", number) for number in range(6)]
    assert order(*flood, of("b", 0), of("b", 1)) == ["a0", "b0", "a1", "b1", "a2", "a3", "a4", "a5"]


def test_what_is_shared_is_positions_not_requests() -> None:
    long = [of("long", number, length=12) for number in range(3)]
    short = [of("short", number, length=4) for number in range(6)]
    begun = order(*long, *short)
    assert begun[:8] == ["long0", "short0", "short1", "short2", "long1", "short3", "short4", "short5"]


def test_a_weight_is_a_larger_share() -> None:
    heavy = [of("heavy", number, weight=3.0) for number in range(30)]
    light = [of("light", number) for number in range(30)]
    begun = Counter(name.rstrip("0123456789") for name in order(*heavy, *light)[:20])
    assert begun == {"heavy": 15, "light": 5}


def test_priorities_share_and_none_starves() -> None:
    waiting = [of(f"{priority.name}-", number, priority=priority) for number in range(40) for priority in Priority]
    begun = Counter(name.split("-")[0] for name in order(*waiting)[:39])
    assert begun == {"INTERACTIVE": 24, "STANDARD": 12, "BATCH": 3}


def test_who_was_idle_has_saved_nothing_up() -> None:
    queue = FairQueue()
    for number in range(6):
        queue.push(of("busy", number))
    for _ in range(4):
        first = queue.first()
        assert first is not None
        queue.take(first)
    for number in range(3):
        queue.push(of("new", number))
    begun = []
    while (first := queue.first()) is not None:
        queue.take(first)
        begun.append(first.request_id)
    assert begun == ["new0", "busy4", "new1", "busy5", "new2"]


def test_what_was_not_used_is_given_back() -> None:
    scheduler = Scheduler(ToyModel(slots=1))
    scheduler.submit(of("early", 0, length=40))
    scheduler.submit(of("early", 1, length=4))
    scheduler.submit(of("other", 0, length=4))
    scheduler.submit(of("other", 1, length=4))
    scheduler.step()
    scheduler.step()
    scheduler.cancel("early0")
    ends = [event.request_id for event in drain(scheduler) if isinstance(event, Ended)]
    # Had the forty positions been charged, early1 would come last.
    assert ends == ["early0", "other0", "early1", "other1"]


def test_a_pair_is_not_overtaken_for_ever_by_single_rows() -> None:
    model = ToyModel(slots=2)
    scheduler = Scheduler(model)
    scheduler.submit(of("a", 0, length=10))
    scheduler.step()
    scheduler.submit(replace(of("b", 0), unconditional=Row(prompt(1))))
    scheduler.submit(of("c", 0))
    ends = [event.request_id for event in drain(scheduler) if isinstance(event, Ended)]
    assert ends == ["a0", "b0", "c0"]


def test_idle_owners_are_forgotten() -> None:
    shares = Shares[str]()
    for number in range(200):
        shares.join(f"owner {number}")
        shares.serve(f"owner {number}", 5.0)
        shares.leave(f"owner {number}")
    assert len(shares) == 0
