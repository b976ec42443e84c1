"""What a stack writes into its root: state, lock, ports, secrets, logs."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded import Endpoints, StackError, logs, read_running
from deploy.embedded.credentials import load_secrets
from deploy.embedded.ports import FIRST, LAST, LOOPBACK, choose_ports
from deploy.embedded.state import ProcessRecord, StackState, lock_root, own_record, read_state, write_state

ENDPOINTS = Endpoints("mongodb://m", "redis://r", "http://s", "eu", "key", "secret", "bucket", "t:1")


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    # Given a full state
    state = StackState(
        supervisor=own_record(),
        ports={"mongo": 20001},
        processes=(ProcessRecord("mongod", 7, 70),),
        endpoints=ENDPOINTS,
    )

    # When it is written
    write_state(tmp_path, state)

    # Then it reads the same, only its owner may read it, and no draft is left
    assert read_state(tmp_path) == state
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["stack.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 0}', '{"schema": 1}'])
def test_a_foreign_or_broken_state_counts_as_none(tmp_path: Path, content: str) -> None:
    # Given a file that is no state of this version
    (tmp_path / "stack.json").write_text(content)

    # Then there is no state
    assert read_state(tmp_path) is None
    assert read_running(tmp_path) is None


def test_a_running_stack_is_found(tmp_path: Path) -> None:
    # Given a ready stack of a living supervisor that holds the root
    write_state(tmp_path, StackState(supervisor=own_record(), endpoints=ENDPOINTS))

    # Then others find it while the root is held, and no longer
    with lock_root(tmp_path):
        assert read_running(tmp_path) == ENDPOINTS
    assert read_running(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda state: replace(state, endpoints=None),
        lambda state: replace(state, boot_id="before"),
        lambda state: replace(state, supervisor=replace(state.supervisor, start_time=1)),
        lambda state: replace(state, supervisor=replace(state.supervisor, pid=2**22)),
    ],
    ids=["not ready yet", "before the last boot", "another process with its id", "dead"],
)
def test_a_file_alone_is_no_running_stack(tmp_path: Path, change: Callable[[StackState], StackState]) -> None:
    # Given a state whose supervisor does not serve
    write_state(tmp_path, change(StackState(supervisor=own_record(), endpoints=ENDPOINTS)))

    # Then no stack runs, whoever holds the lock
    with lock_root(tmp_path):
        assert read_running(tmp_path) is None


def test_a_root_has_one_supervisor(tmp_path: Path) -> None:
    # Given a root that is held
    write_state(tmp_path, StackState(supervisor=own_record()))
    with lock_root(tmp_path):
        # When a second one wants it, then it is told who holds it
        with pytest.raises(StackError) as caught:
            lock_root(tmp_path)
        assert str(caught.value) == (
            f"Another stack already runs on {tmp_path} (pid {os.getpid()}): "
            "use that one, stop it first, or choose another root."
        )

    # When it was let go, then the next one gets it
    lock_root(tmp_path).close()


def test_children_do_not_inherit_the_lock(tmp_path: Path) -> None:
    # Given a child that was started while the root was held
    held = lock_root(tmp_path)
    code = "import time; print('up', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-S", "-c", code], close_fds=False, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    try:
        # When the supervisor lets go, then the root is free although the child lives
        held.close()
        lock_root(tmp_path).close()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_ports_are_free_different_and_out_of_the_way_of_clients() -> None:
    # When ports are chosen
    ports = choose_ports(["a", "b", "c"], {})

    # Then they differ and lie below the range of outgoing connections
    assert len(set(ports.values())) == 3
    assert all(FIRST <= port <= LAST for port in ports.values())


def test_ports_are_used_again_unless_taken() -> None:
    # Given two remembered ports of which somebody took one
    remembered = choose_ports(["kept", "lost"], {})
    with socket.create_server((LOOPBACK, remembered["lost"])):
        # When ports are chosen again
        ports = choose_ports(["kept", "lost"], remembered)

    # Then the free one stays and the other moves
    assert ports["kept"] == remembered["kept"]
    assert ports["lost"] != remembered["lost"]


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    # When secrets are loaded twice, and for another root
    first, second = load_secrets(tmp_path), load_secrets(tmp_path)
    (tmp_path / "other").mkdir()
    other = load_secrets(tmp_path / "other")

    # Then a root keeps its own
    assert first == second
    assert first.s3_secret_key != other.s3_secret_key
    assert len(first.s3_secret_key) == 40
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_broken_secrets_are_not_replaced(tmp_path: Path) -> None:
    # Given a broken file: new secrets would make the stored objects unreadable
    (tmp_path / "secrets.json").write_text("{}")

    # Then a sentence says what to do and the file stays
    with pytest.raises(StackError, match="is not readable: restore it, or delete the whole folder"):
        load_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{}"


def test_a_log_is_rotated_bounded_and_quoted(tmp_path: Path) -> None:
    # Given a log of an earlier run
    log = tmp_path / "logs" / "server.log"
    logs.rotate(log)
    log.write_text("earlier\n")

    # When a new run rotates it and writes more than the bound, through a handle it keeps
    logs.rotate(log)
    with log.open("a") as writer:
        writer.write("x" * 100 + "\n")
        writer.flush()
        logs.bound(log, max_bytes=50)
        writer.write("after\n====\n")

    # Then the file starts again, the older part lies beside it, and the last words are words
    assert log.read_text() == "after\n====\n"
    assert log.with_name("server.log.1").read_text() == "x" * 100 + "\n"
    assert logs.last_line(log) == "after"
    assert logs.last_line(tmp_path / "none.log") == ""
