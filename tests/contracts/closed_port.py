"""An address where nobody listens, standing for a server that is gone."""

import socket

LOOPBACK = "127.0.0.1"


def closed_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def closed_address() -> str:
    """host:port of a server that is not there."""
    return f"{LOOPBACK}:{closed_port()}"
