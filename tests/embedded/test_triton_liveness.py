"""Telling a broken Triton from a busy one, on imitation stubs: real processes named and placed like Triton's."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from deploy.embedded import UnhealthyError
from deploy.embedded.procfs import session_members
from deploy.embedded.triton_client import ModelProbe
from deploy.embedded.triton_liveness import LivenessLimits, TritonLiveness

LIMITS = LivenessLimits(probe_every=0.0, probe_deadline=0.1, stuck_after=0.6)
PROBES = [ModelProbe("renderer", {"TEXT": "probe"})]
SERVER = """
import subprocess, sys, time
stubs = [
    subprocess.Popen(["triton_python_backend_stub", "-S", "-c", code, name, "DEFAULT"], executable=sys.executable)
    for name, code in (("composer_0_0", "import time; time.sleep(60)"), ("renderer_0_0", sys.argv[1]))
]
print("up", flush=True)
time.sleep(60)
"""
IDLE = "import time; time.sleep(60)"
WORKING = "import time\nend = time.time() + 60\nwhile time.time() < end: pass"


class Answers:
    """Plays the server: `message` is what a model answers, None for never."""

    def __init__(self, message: str | None = "", live: bool = True) -> None:
        self.message = message
        self.live = live
        self.asked = 0

    async def is_live(self) -> bool:
        return self.live

    async def probe(self, probe: ModelProbe) -> str:
        self.asked += 1
        if self.message is None:
            await asyncio.sleep(60)
        return str(self.message)


@contextmanager
def imitation(renderer: str) -> Iterator[int]:
    """A process with two stubs below it; yields its process id."""
    server = subprocess.Popen(
        [sys.executable, "-S", "-c", SERVER, renderer], start_new_session=True, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        assert server.stdout.readline() == b"up\n"
        yield server.pid
    finally:
        for member in session_members(server.pid):
            os.kill(member.pid, signal.SIGKILL)
        server.wait()
        server.stdout.close()


def clock_of_work(pid: int, busy: float) -> Callable[[], float]:
    """A clock by which the children of a process use the share `busy` of it, however crowded the machine is."""

    def seconds() -> float:
        ticks = sum(member.cpu_ticks for member in session_members(pid) if member.parent == pid)
        return ticks / os.sysconf("SC_CLK_TCK") / busy

    return seconds


async def watch(
    liveness: TritonLiveness, pid: int, seconds: float, clock: Callable[[], float] = time.monotonic
) -> None:
    """Call the probe for some time, as the supervisor does."""
    end = clock() + seconds
    while clock() < end:
        await liveness(pid)
        await asyncio.sleep(0.05)


async def test_an_answering_idle_model_is_alive() -> None:
    # Given models that answer
    answers = Answers("INVALID_SCORE: an error of the model is an answer too")
    with imitation(IDLE) as pid:
        # When they are watched, then nothing is found and they were really asked
        await watch(TritonLiveness(answers, PROBES, LIMITS), pid, 0.5)
    assert answers.asked >= 3


async def test_a_lost_stub_is_noticed_at_the_next_look() -> None:
    # Given a server that was seen with both stubs, long before the next probe is due
    liveness = TritonLiveness(Answers(), PROBES, replace(LIMITS, probe_every=60))
    with imitation(IDLE) as pid:
        await liveness(pid)
        stubs = [member.pid for member in session_members(pid) if member.parent == pid]
        assert len(stubs) == 2

        # When one is killed; its parent does not reap it, as Triton does not
        os.kill(min(stubs), signal.SIGKILL)
        await asyncio.sleep(0.1)

        # Then it is named
        with pytest.raises(UnhealthyError, match=r"^lost the stub process of composer_0_0$"):
            await liveness(pid)


async def test_a_restarted_server_is_met_anew() -> None:
    # Given a liveness that knew the stubs of a server that is gone
    liveness = TritonLiveness(Answers(), PROBES, LIMITS)
    with imitation(IDLE) as first:
        await liveness(first)

    # When it watches the next server, then the old stubs are not missed
    with imitation(IDLE) as second:
        await watch(liveness, second, 0.2)


async def test_triton_s_own_verdict_on_a_stub_is_believed() -> None:
    # Given a probe that Triton answers for the stub
    liveness = TritonLiveness(Answers("Stub process 'renderer_0_0' is not healthy."), PROBES, LIMITS)

    # When the server is watched, then that is the reason
    reason = r"^Stub process 'renderer_0_0' is not healthy\.$"
    with imitation(IDLE) as pid, pytest.raises(UnhealthyError, match=reason):
        await watch(liveness, pid, 0.5)


async def test_a_front_end_that_is_not_live_is_an_ordinary_failure() -> None:
    # Given a server that says that it is not live
    liveness = TritonLiveness(Answers(live=False), PROBES, LIMITS)

    # When it is watched, then the supervisor may count the failure and try again
    with imitation(IDLE) as pid, pytest.raises(ConnectionError, match="not live"):
        await watch(liveness, pid, 0.5)


async def test_a_working_model_may_be_silent_for_as_long_as_it_likes() -> None:
    # Given a model that answers nobody, and works too little to be called busy
    answers, limits = Answers(None), replace(LIMITS, probe_every=1.0, stuck_after=4.0)
    with imitation(WORKING) as pid:
        clock = clock_of_work(pid, busy=(limits.idle_share + limits.busy_share) / 2)

        # When it is silent for three times the limit, then it is left alone
        await watch(TritonLiveness(answers, PROBES, limits, clock), pid, 3 * limits.stuck_after, clock)
    assert answers.asked > 4


async def test_a_busy_model_is_not_asked() -> None:
    # Given a model that uses most of a processor
    answers, limits = Answers(), replace(LIMITS, probe_every=0.25)
    with imitation(WORKING) as pid:
        clock = clock_of_work(pid, busy=0.8)

        # When it is watched
        await watch(TritonLiveness(answers, PROBES, limits, clock), pid, 2.0, clock)

    # Then it got no probe but the first, before which nothing was known of it
    assert answers.asked == 1


async def test_a_model_that_neither_answers_nor_works_is_stuck() -> None:
    # Given a model that sleeps and answers nobody
    liveness = TritonLiveness(Answers(None), PROBES, LIMITS)

    # When the limit has passed, then only a restart helps
    reason = r"^the model renderer has neither answered nor worked for 1 s$"
    with imitation(IDLE) as pid, pytest.raises(UnhealthyError, match=reason):
        await watch(liveness, pid, 3)


async def test_a_model_that_answers_again_is_forgiven() -> None:
    # Given a model that was silent for most of the limit
    answers = Answers(None)
    liveness = TritonLiveness(answers, PROBES, LIMITS)
    with imitation(IDLE) as pid:
        await watch(liveness, pid, 0.4)

        # When it answers once and is silent again
        answers.message = ""
        await watch(liveness, pid, 0.1)
        answers.message = None

        # Then the time counts from the beginning
        await watch(liveness, pid, 0.4)
