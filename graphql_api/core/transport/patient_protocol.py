"""Uvicorn's HTTP protocol with a time-out for receiving a request, headers and body, which uvicorn itself lacks."""

import asyncio
from typing import ClassVar

from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TIMED_OUT = Counter("cadenza_http_receive_timeouts_total", "Connections closed because a request did not come in time.")

MESSAGE = b"The request did not arrive in time."
ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(MESSAGE), MESSAGE)
)


class PatientProtocol(HttpToolsProtocol):
    """Between requests uvicorn's own keep-alive time-out holds; this one from the first byte to the last."""

    receive_seconds: ClassVar[float] = 10.0

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        # Blank lines before a request begin none, and still put uvicorn's own time-out off.
        if self.cycle is None or self.cycle.response_complete:
            self._expect()
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect()

    def on_message_complete(self) -> None:
        self._received()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._received()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._received()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.receive_seconds, self._give_up)

    def _received(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            # It is this side that does not read on.
            self._expect()
            return
        TIMED_OUT.inc()
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(ANSWER)
        self.transport.close()


def patient_protocol(receive_seconds: float) -> type[PatientProtocol]:
    """For uvicorn's setting `http`, which takes a class."""
    return type("PatientProtocol", (PatientProtocol,), {"receive_seconds": receive_seconds})
