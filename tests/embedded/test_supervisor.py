"""The supervisor with real children: order, restarts, giving up, liveness, stopping."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded import ProcessState, StackError, StackEvent, Supervisor, UnhealthyError
from deploy.embedded.procfs import process_facts
from tests.embedded.tiny_processes import HASTE, SERVE, process_ids, tiny, told
from tests.patience import eventually


class Bench:
    """A supervisor, what it told, and the folder of its children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[StackEvent] = []
        self.supervisor = Supervisor(folder / "logs", self.events.append)

    def restarts(self, name: str) -> int:
        return next(status.restarts for status in self.supervisor.status() if status.name == name)

    def state(self, name: str) -> ProcessState:
        return next(status.state for status in self.supervisor.status() if status.name == name)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    await bench.supervisor.stop()


def is_gone(pid: int) -> bool:
    facts = process_facts(pid)
    return facts is None or facts.is_dead


async def test_starts_in_dependency_order_and_stops_in_reverse(bench: Bench) -> None:
    # Given three processes where each comes after the one before, handed over in the wrong order
    specs = [
        tiny(bench.folder, "last", after=("middle",)),
        tiny(bench.folder, "first"),
        tiny(bench.folder, "middle", after=("first",)),
    ]

    # When they are started and stopped
    await bench.supervisor.start(specs)
    await bench.supervisor.stop()

    # Then each began only after the one before was ready, and ended before it
    order = [(event.name, event.kind.value) for event in bench.events if event.kind in ("starting", "ready")]
    names = ("first", "middle", "last")
    assert order == [(name, kind) for name in names for kind in ("starting", "ready")]
    assert told(bench.events, "stopped") == ["last", "middle", "first"]
    assert all(is_gone(process_ids(bench.folder, name)[0]) for name in names)


async def test_independent_processes_start_side_by_side(bench: Bench) -> None:
    # Given two processes of which each becomes ready only when the other has started too
    code = "open(mark + '.up', 'w').close()\nwhile not os.path.exists(OTHER): time.sleep(0.01)\n" + SERVE
    specs = [
        tiny(bench.folder, name, "\n" + code.replace("OTHER", repr(str(bench.folder / f"{other}.up"))))
        for name, other in (("left", "right"), ("right", "left"))
    ]

    # When they are started
    await bench.supervisor.start(specs)

    # Then both are ready at the first try
    assert told(bench.events, "ready") in (["left", "right"], ["right", "left"])
    assert told(bench.events, "exited") == []


async def test_more_processes_can_be_added_and_stop_first(bench: Bench) -> None:
    # Given a running process
    await bench.supervisor.start([tiny(bench.folder, "server")])

    # When one more is added after it
    await bench.supervisor.start([tiny(bench.folder, "worker", after=("server",))])
    await bench.supervisor.stop()

    # Then it is stopped first
    assert told(bench.events, "stopped") == ["worker", "server"]


@pytest.mark.parametrize("after", [("b",), ("a",), ("nobody",)])
async def test_an_impossible_order_is_refused(bench: Bench, after: tuple[str, ...]) -> None:
    # Given processes that wait for each other, for themselves or for none
    specs = [tiny(bench.folder, "a", after=after), tiny(bench.folder, "b", after=("a",))]

    # When they are started, then it is refused and nothing has run
    with pytest.raises(StackError, match="wait for each other or for none: a, b"):
        await bench.supervisor.start(specs)
    assert bench.events == []


async def test_a_dead_process_is_started_again(bench: Bench) -> None:
    # Given a running process
    await bench.supervisor.start([tiny(bench.folder, "server")])
    before = process_ids(bench.folder, "server")

    # When it is killed
    os.kill(before[0], signal.SIGKILL)

    # Then another one takes its place
    await eventually(lambda: len(process_ids(bench.folder, "server")) == 2)
    await eventually(lambda: bench.state("server") == ProcessState.READY)
    assert bench.restarts("server") == 1
    assert [event.detail for event in bench.events if event.kind == "exited"] == ["ended (signal 9)"]


async def test_a_process_that_keeps_dying_is_given_up_with_one_sentence(bench: Bench) -> None:
    # Given a process that ends at once and says why
    spec = tiny(bench.folder, "broken", "sys.exit('the moon is in the wrong house')")

    # When it is started
    with pytest.raises(StackError) as caught:
        await bench.supervisor.start([spec])

    # Then the sentence names it, its log and its last words, and it was tried as often as allowed
    log = bench.folder / "logs" / "broken.log"
    assert str(caught.value) == (
        f"broken ended while starting (exit status 1). Look into {log}, then start again."
        " Its last words: the moon is in the wrong house"
    )
    assert told(bench.events, "starting") == ["broken"] * 3
    assert bench.state("broken") == ProcessState.FAILED
    assert str(await bench.supervisor.failed()) == str(caught.value)


async def test_a_process_that_dies_later_is_given_up_too(bench: Bench) -> None:
    # Given a process that ends soon after it is ready
    spec = tiny(bench.folder, "moody", "open(mark, 'w').write('here'); time.sleep(0.15)")

    # When it has died too often
    await bench.supervisor.start([spec])
    error = await asyncio.wait_for(bench.supervisor.failed(), 5)

    # Then the failure is told to whoever waits for it
    assert str(error).startswith("moody ended (exit status 0). Look into ")


async def test_a_process_that_is_never_ready_is_given_up(bench: Bench) -> None:
    # Given a process that runs but never serves
    patience = replace(HASTE, ready_timeout=0.3, max_quick_deaths=1)
    spec = tiny(bench.folder, "sleepy", "time.sleep(60)", patience=patience)

    # When it is started, then the last reason of its readiness check is told
    with pytest.raises(StackError, match="sleepy was not ready after 0 s: sleepy has not written its mark"):
        await bench.supervisor.start([spec])


async def test_a_hopeless_start_is_not_repeated(bench: Bench) -> None:
    # Given a readiness check that knows that waiting is in vain
    async def ready() -> None:
        raise StackError("The model sings out of tune: build it again.")

    # When the process is started, then that very sentence is told after one try
    with pytest.raises(StackError, match=r"^The model sings out of tune: build it again\.$"):
        await bench.supervisor.start([tiny(bench.folder, "choir", ready=ready)])
    assert told(bench.events, "starting") == ["choir"]


async def test_an_unhealthy_start_is_repeated_at_once(bench: Bench) -> None:
    # Given a readiness check that is certain, the first time, that this process will never serve
    verdicts: list[str] = []

    async def ready() -> None:
        verdicts.append("asked")
        if len(verdicts) == 1:
            raise UnhealthyError("lost its voice")

    # When the process is started
    await bench.supervisor.start([tiny(bench.folder, "singer", ready=ready)])

    # Then the second one was ready, long before the time for readiness had passed
    assert [event.detail for event in bench.events if event.kind == "exited"] == ["lost its voice"]
    assert told(bench.events, "starting") == ["singer", "singer"]


async def test_a_probe_that_swallows_a_cancellation_does_not_hang_the_start(bench: Bench) -> None:
    # Given a readiness check that takes a cancellation for an ordinary failure, once
    swallowed: list[bool] = []

    async def ready() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if swallowed:
                raise
            swallowed.append(True)
            raise ConnectionError("swallowed") from None

    # When its process ends meanwhile
    spec = tiny(bench.folder, "brief", "sys.exit(1)", ready=ready, patience=replace(HASTE, max_quick_deaths=1))
    starting = asyncio.create_task(bench.supervisor.start([spec]))

    # Then the start comes to its end all the same
    with pytest.raises(StackError, match="brief ended while starting"):
        await starting
    assert swallowed == [True]


async def test_a_silent_process_is_replaced_after_some_failed_probes(bench: Bench) -> None:
    # Given a process whose probe fails while it is the first one
    probes: list[int] = []

    async def alive(pid: int) -> None:
        probes.append(pid)
        if pid == probes[0]:
            raise ConnectionError("no answer")

    await bench.supervisor.start([tiny(bench.folder, "mute", alive=alive)])

    # When the probes have failed three times, then it was replaced, and the next one is left alone
    await eventually(lambda: bench.restarts("mute") == 1 and bench.state("mute") == ProcessState.READY)
    assert probes.count(probes[0]) == 3
    assert [event.detail for event in bench.events if event.kind == "unhealthy"] == [
        "did not answer 3 times: no answer"
    ]


async def test_a_hopeless_process_is_replaced_at_once(bench: Bench) -> None:
    # Given a probe that is certain about the first process
    probes: list[int] = []

    async def alive(pid: int) -> None:
        probes.append(pid)
        if pid == probes[0]:
            raise UnhealthyError("lost its mind")

    # When the process is started
    await bench.supervisor.start([tiny(bench.folder, "mad", alive=alive)])

    # Then one probe was enough
    await eventually(lambda: bench.restarts("mad") == 1)
    assert probes.count(probes[0]) == 1
    assert told(bench.events, "unhealthy") == ["mad"]


async def test_one_failed_probe_is_forgiven(bench: Bench) -> None:
    # Given a probe that fails every second time
    probes: list[int] = []

    async def alive(pid: int) -> None:
        probes.append(pid)
        if len(probes) % 2:
            raise ConnectionError("hiccup")

    # When it has failed more than three times in all
    await bench.supervisor.start([tiny(bench.folder, "hiccup", alive=alive)])
    await eventually(lambda: len(probes) >= 8)

    # Then the process still runs
    assert set(probes) == set(process_ids(bench.folder, "hiccup"))
    assert bench.restarts("hiccup") == 0


async def test_stopping_ends_the_stubborn_and_all_they_started(bench: Bench) -> None:
    # Given a process that ignores SIGTERM, with a child of its own that does too
    code = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']);"
        "open(mark, 'w').write(f'{os.getpid()}\\n{child.pid}\\n'); time.sleep(60)"
    )
    spec = tiny(bench.folder, "stubborn", code, patience=replace(HASTE, stop_grace=0.2))
    await bench.supervisor.start([spec])
    pids = process_ids(bench.folder, "stubborn")

    # When the supervisor stops
    await bench.supervisor.stop()

    # Then both are gone
    assert len(pids) == 2
    assert [is_gone(pid) for pid in pids] == [True, True]


async def test_what_a_dead_process_left_behind_is_ended_before_the_restart(bench: Bench) -> None:
    # Given a process with a child
    code = (
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']);"
        "open(mark, 'a').write(f'{os.getpid()}\\n{child.pid}\\n'); time.sleep(60)"
    )
    cleaned: list[str] = []
    spec = tiny(bench.folder, "parent", code, cleanup=lambda: cleaned.append("parent"))
    await bench.supervisor.start([spec])
    parent, child = process_ids(bench.folder, "parent")

    # When only the parent is killed
    os.kill(parent, signal.SIGKILL)
    await eventually(lambda: len(process_ids(bench.folder, "parent")) == 4)

    # Then its child went too and the cleanup ran before the next start
    assert is_gone(child)
    assert cleaned == ["parent"]


async def test_children_do_not_hear_the_terminal(bench: Bench) -> None:
    # Given a running process
    await bench.supervisor.start([tiny(bench.folder, "server")])
    facts = process_facts(process_ids(bench.folder, "server")[0])

    # Then it leads a session of its own, where Ctrl-C of our terminal does not reach it
    assert facts is not None
    assert facts.session == facts.pid != os.getsid(0)


async def test_status_and_logs_tell_of_each_process(bench: Bench) -> None:
    # Given a process that says something
    await bench.supervisor.start([tiny(bench.folder, "chatty", "print('good morning', flush=True);" + SERVE)])

    # When its status is read
    (status,) = bench.supervisor.status()

    # Then it has a process id, and its words are in its log
    assert status.pid == process_ids(bench.folder, "chatty")[0]
    assert (status.name, status.state, status.restarts) == ("chatty", ProcessState.READY, 0)
    assert (bench.folder / "logs" / "chatty.log").read_text() == "good morning\n"


async def test_a_cancelled_start_leaves_nothing_after_stop(bench: Bench) -> None:
    # Given a start that hangs because one process is never ready
    specs = [tiny(bench.folder, "good"), tiny(bench.folder, "hanging", "time.sleep(60)")]
    starting = asyncio.create_task(bench.supervisor.start(specs))
    await eventually(lambda: "good" in told(bench.events, "ready"))

    # When it is cancelled and the supervisor stopped
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await bench.supervisor.stop()

    # Then nothing runs
    assert bench.supervisor.process_records() == []
    assert is_gone(process_ids(bench.folder, "good")[0])
