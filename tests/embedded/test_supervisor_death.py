"""What happens to the children when their supervisor is killed, and what the next one does about it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.endpoints import Endpoints
from deploy.embedded.procfs import is_running, process_facts
from deploy.embedded.state import ProcessRecord, StackState, end_leftovers, own_record
from tests.embedded.tiny_processes import process_ids
from tests.patience import eventually

SUPERVISE = """
import asyncio, sys
from pathlib import Path
from deploy.embedded import Supervisor
from tests.embedded.tiny_processes import tiny

async def main():
    folder = Path(sys.argv[1])
    await Supervisor(folder / "logs").start([tiny(folder, "server", {code!r})])
    (folder / "started").touch()
    await asyncio.sleep(60)

asyncio.run(main())
"""
SERVE = "open(mark, 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVE


@pytest.fixture
def supervised(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor in a process of its own, with one child."""
    script = SUPERVISE.format(code=request.param)
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    yield process
    process.kill()
    process.wait()


def record_of(pid: int) -> ProcessRecord:
    facts = process_facts(pid)
    assert facts is not None
    return ProcessRecord("server", pid, facts.start_time)


@pytest.mark.parametrize("supervised", [SERVE], indirect=True)
async def test_children_end_with_a_killed_supervisor(tmp_path: Path, supervised: subprocess.Popen[bytes]) -> None:
    # Given a supervisor with a child
    await eventually((tmp_path / "started").exists, within=15)
    child = record_of(process_ids(tmp_path, "server")[0])

    # When the supervisor is killed without a chance to tidy up
    supervised.send_signal(signal.SIGKILL)
    supervised.wait()

    # Then the kernel ends the child
    await eventually(lambda: not is_running(child.pid, child.start_time))


@pytest.mark.parametrize("supervised", [DEAF], indirect=True)
async def test_the_next_supervisor_ends_leftovers(tmp_path: Path, supervised: subprocess.Popen[bytes]) -> None:
    # Given a child that ignores SIGTERM and so outlives its killed supervisor
    await eventually((tmp_path / "started").exists, within=15)
    child = record_of(process_ids(tmp_path, "server")[0])
    supervised.send_signal(signal.SIGKILL)
    supervised.wait()
    assert is_running(child.pid, child.start_time)

    # When the next supervisor finds it in the state
    await end_leftovers(StackState(supervisor=own_record(), processes=(child,)), grace=0.3)

    # Then it is gone
    assert not is_running(child.pid, child.start_time)


@pytest.fixture
def stranger() -> Iterator[ProcessRecord]:
    """A process that is not ours."""
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], start_new_session=True)
    yield record_of(process.pid)
    process.kill()
    process.wait()


async def test_a_stranger_with_the_same_process_id_is_left_alone(stranger: ProcessRecord) -> None:
    # Given records of ours with the id of a stranger: one of an older process, one from before the last boot
    once_ours = replace(stranger, start_time=stranger.start_time - 1000)

    # When leftovers are ended
    await end_leftovers(StackState(supervisor=own_record(), processes=(once_ours,)))
    await end_leftovers(StackState(supervisor=own_record(), processes=(stranger,), boot_id="before"))

    # Then the stranger still runs
    assert is_running(stranger.pid, stranger.start_time)


def test_endpoints_become_environment_variables() -> None:
    # Given endpoints
    endpoints = Endpoints("mongodb://m", "redis://r", "http://s", "eu", "key", "secret", "bucket", "t:1")

    # Then each has the name that the settings read
    assert endpoints.as_environment() == {
        "CADENZA_MONGO_URL": "mongodb://m",
        "CADENZA_REDIS_URL": "redis://r",
        "CADENZA_S3_ENDPOINT": "http://s",
        "CADENZA_S3_REGION": "eu",
        "CADENZA_S3_ACCESS_KEY": "key",
        "CADENZA_S3_SECRET_KEY": "secret",
        "CADENZA_S3_BUCKET": "bucket",
        "CADENZA_TRITON_URL": "t:1",
    }
