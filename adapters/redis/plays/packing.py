"""How reports lie in Redis: 15 bytes each, so that adding one is an APPEND and a listen of an hour is 5 kB."""

import struct
from collections.abc import Iterable

from domain.plays.model import Listen, Report

# Kind, sequence, position in milliseconds, and milliseconds since 1970.
_RECORD = struct.Struct("<BHIQ")
_REPORT, _COMPLETE, _WRITTEN = 0, 1, 2


def packed(reports: Iterable[Report]) -> bytes:
    return b"".join(
        [
            _RECORD.pack(_COMPLETE if complete else _REPORT, sequence, position, at)
            for sequence, position, at, complete in reports
        ]
    )


def packed_written(heard_ms: int) -> bytes:
    """A mark that the database has so much."""
    return _RECORD.pack(_WRITTEN, 0, heard_ms, 0)


def unpacked(data: bytes) -> tuple[Report, ...]:
    """Raises `struct.error` for what was not packed here."""
    return tuple([Report(sequence, position, at, kind == _COMPLETE) for kind, sequence, position, at in _records(data)])


def listen_of(data: bytes) -> Listen:
    """Reports and marks in the order in which they came."""
    reports: list[Report] = []
    written = 0
    for kind, sequence, position, at in _records(data):
        if kind == _WRITTEN:
            written = max(written, position)
        else:
            reports.append(Report(sequence, position, at, kind == _COMPLETE))
    return Listen(tuple(reports), written)


def _records(data: bytes) -> Iterable[tuple[int, int, int, int]]:
    return _RECORD.iter_unpack(data)
