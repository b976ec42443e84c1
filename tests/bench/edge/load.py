"""Clients for measuring: HTTP/1.1 on raw sockets, because a client library would cost more than the server."""

import asyncio
import itertools
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson


def request(document: str, token: str | None = None) -> bytes:
    """The bytes of one POST with a text."""
    return post({"query": document}, token)


def post(asked: Mapping[str, str], token: str | None = None) -> bytes:
    """The bytes of one POST."""
    body = orjson.dumps(asked)
    head = ["POST /graphql HTTP/1.1", "host: bench", "content-type: application/json", f"content-length: {len(body)}"]
    if token is not None:
        head.append(f"authorization: Bearer {token}")
    return "\r\n".join([*head, "", ""]).encode() + body


@dataclass
class Answers:
    """Seconds of each answer, and how many had which status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    def note(self, seconds: float, status: str) -> None:
        self.seconds.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Connection:
    """One connection that is kept; it opens on first use, and again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, sent: bytes) -> tuple[str, bytes]:
        """Status and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head[9:12].decode(), await reader.readexactly(int(length.split(b":")[1]))

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def keep_asking(port: int, sent: Sequence[bytes], answers: Answers, count: int | None = None) -> None:
    """One client that sends the next request when it has the last answer; without `count`, until it is cancelled."""
    connection = Connection(port)
    try:
        for _, one in zip(itertools.count() if count is None else range(count), itertools.cycle(sent), strict=False):
            started = time.perf_counter()
            try:
                status, _ = await connection.ask(one)
            except (OSError, asyncio.IncompleteReadError):
                connection.close()
                continue
            answers.note(time.perf_counter() - started, status)
    finally:
        connection.close()


async def send_half(port: int, sent: bytes) -> None:
    """One client that never sends its requests to the end, for as long as it lives."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(sent[:-5])
            await reader.read()
        except OSError:
            await asyncio.sleep(0.1)
        finally:
            writer.close()


def allow_many_sockets() -> None:
    """As many as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cpu_seconds(pid: int) -> float:
    """What a process has used, in user and system mode, so that what else runs on the machine counts little."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
