"""What the locked process can still do: each lock is tried from the inside."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, os, socket, sys, threading
from adapters.media.intake.lockdown import Bounds, lock
pipe, place = os.fdopen(1, "wb"), sys.argv[1]
numbers = "encodings"
import encodings.idna, errno
locks = lock(Bounds(memory=64 << 20))
try:
    {attempt}
    said = "done"
except OSError as error:
    said = errno.errorcode.get(error.errno, str(error))
except (MemoryError, RuntimeError) as error:
    said = type(error).__name__
pipe.write(json.dumps([said, locks.network_namespace, locks.system_calls]).encode())
pipe.flush()
os._exit(0)
"""


def attempted(attempt: str, place: Path) -> str:
    """What a locked process is told when it does this."""
    code = textwrap.dedent(SCRIPT).replace("{attempt}", attempt)
    run = subprocess.run([sys.executable, "-c", code, str(place)], cwd=ROOT, capture_output=True, check=True)
    said, _, system_calls = json.loads(run.stdout)
    assert system_calls
    return str(said)


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 1))",
        "open('/etc/passwd')",
        "open(place, 'w')",
        "os.listdir('/')",
        "os.mkdir(place)",
        "os.unlink(place)",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 9)",
        "os.fork()",
        "os.dup(0)",
        "os.pipe()",
        "os.memfd_create('x')",
    ],
)
def test_a_locked_process_is_not_permitted(attempt: str, tmp_path: Path) -> None:
    assert attempted(attempt, tmp_path / "file") == "EPERM"
    assert list(tmp_path.iterdir()) == []


def test_a_locked_process_starts_no_thread(tmp_path: Path) -> None:
    assert attempted("threading.Thread(target=print).start()", tmp_path) == "RuntimeError"


def test_a_locked_process_has_only_so_much_memory(tmp_path: Path) -> None:
    assert attempted("bytearray(128 << 20)", tmp_path) == "MemoryError"
    assert attempted("bytearray(8 << 20)", tmp_path) == "done"
