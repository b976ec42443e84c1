"""Names of processes tell which ones have ended, and of others nothing."""

import asyncio
import os
import sys

from domain.kit import processes


async def test_a_name_tells_whether_its_process_has_ended() -> None:
    # given another process
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    name = processes.name_of(other.pid)
    assert name.startswith(processes.this_machine())
    assert not processes.is_gone(name)
    # when it has ended
    other.kill()
    await other.wait()
    assert processes.is_gone(name)


def test_a_process_that_has_ended_and_was_not_waited_for_is_gone() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    name = f"{processes.this_machine()}1:{child}"
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert processes.is_gone(name)
    os.waitpid(child, 0)


def test_a_later_process_with_the_same_number_is_another_one() -> None:
    assert processes.is_gone(f"{processes.this_machine()}1:{os.getpid()}")
    assert not processes.is_gone(processes.name_of(os.getpid()))


def test_of_other_machines_and_of_what_is_no_name_nothing_is_told() -> None:
    assert not processes.is_gone("elsewhere:12345678-f0000000:1:999999")
    assert not processes.is_gone(f"{processes.this_machine()}nonsense")
    assert not processes.is_gone("")
