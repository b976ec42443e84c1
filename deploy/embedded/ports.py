"""Free loopback ports, the same ones at every start while nobody else takes them."""

import contextlib
import random
import socket
from collections.abc import Iterator, Mapping, Sequence

from deploy.embedded.errors import StackError

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections: while a server restarts, no client's socket takes its port.
FIRST, LAST = 20_000, 31_999
TRIES = 200


def choose_ports(names: Sequence[str], remembered: Mapping[str, int]) -> dict[str, int]:
    """A free port per name. All are held open together until the last is chosen, so that they differ."""
    with contextlib.ExitStack() as held:
        return {name: held.enter_context(_free(remembered.get(name))).getsockname()[1] for name in names}


def _free(wanted: int | None) -> socket.socket:
    for port in _candidates(wanted):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # A port in TIME_WAIT from our last run is free for a server of ours.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((LOOPBACK, port))
        except OSError:
            sock.close()
        else:
            return sock
    raise StackError(f"No free port between {FIRST} and {LAST} on {LOOPBACK}: end what occupies them.")


def _candidates(wanted: int | None) -> Iterator[int]:
    if wanted is not None:
        yield wanted
    for _ in range(TRIES):
        yield random.randint(FIRST, LAST)
