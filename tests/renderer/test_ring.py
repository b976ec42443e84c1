"""The writer half of the shared-memory ring, against the reader half as the protocol tells it."""

import struct
import threading
import time
import uuid
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest

from tests.renderer.scores import never
from triton_models.renderer.errors import CancelledError, InvalidOptionsError
from triton_models.renderer.options import RingOptions
from triton_models.renderer.ring import (
    HEADER_BYTES,
    LAYOUT_VERSION,
    MAGIC,
    PATIENCE_SECONDS,
    RingWriter,
    check_slot_size,
)

SLOTS = 2
SLOT_BYTES = 64


class Reader:
    """A ring as the worker makes it."""

    def __init__(self) -> None:
        self.memory = SharedMemory(
            f"cadenza-ring-{uuid.uuid4().hex}", create=True, size=HEADER_BYTES + SLOTS * SLOT_BYTES
        )
        assert self.memory.buf is not None
        self.bytes = self.memory.buf
        self.set_header(MAGIC, LAYOUT_VERSION, SLOTS, SLOT_BYTES)
        self.options = RingOptions(self.memory.name, SLOTS, SLOT_BYTES)

    def set_header(self, *words: int) -> None:
        struct.pack_into("<4Q", self.bytes, 0, *words)

    @property
    def written(self) -> int:
        return int(struct.unpack_from("<Q", self.bytes, 32)[0])

    def set_read(self, count: int) -> None:
        struct.pack_into("<Q", self.bytes, 40, count)

    def slot(self, number: int, floats: int) -> list[float]:
        at = HEADER_BYTES + number * SLOT_BYTES
        return list(struct.unpack_from(f"<{floats}f", self.bytes, at))


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.memory.close()
    reader.memory.unlink()


def block(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array(values, np.float32).reshape(-1, 2)


def test_parts_lie_one_after_the_other_and_are_counted(reader: Reader) -> None:
    with RingWriter(reader.options) as ring:
        slots = [ring.put([block(1, 2), block(3, 4, 5, 6)], never), ring.put([block(7, 8)], never)]

    assert slots == [0, 1]
    assert reader.written == 2
    assert reader.slot(0, 6) == [1, 2, 3, 4, 5, 6]
    assert reader.slot(1, 2) == [7, 8]


def test_a_part_without_elements_takes_no_room(reader: Reader) -> None:
    no_stems = np.zeros((0, 2, 2), np.float32)
    with RingWriter(reader.options) as ring:
        slot = ring.put([block(1, 2, 3, 4), no_stems, block(5, 6)], never)

    assert (slot, reader.written) == (0, 1)
    assert reader.slot(0, 6) == [1, 2, 3, 4, 5, 6]


def test_a_reader_may_outwait_the_retries_of_the_object_storage() -> None:
    longest_retries = 40.0

    assert longest_retries * 1.5 <= PATIENCE_SECONDS


def test_a_full_ring_waits_for_the_reader(reader: Reader) -> None:
    with RingWriter(reader.options) as ring:
        for value in (1, 2):
            ring.put([block(value, value)], never)
        release = threading.Timer(0.1, reader.set_read, [1])
        release.start()
        began = time.monotonic()

        slot = ring.put([block(3, 3)], never)

        waited = time.monotonic() - began
        release.join()
    assert (slot, reader.written) == (0, 3)
    assert 0.05 < waited < 2.0
    assert reader.slot(0, 2) == [3, 3]


def test_a_reader_that_stands_still_counts_as_gone(reader: Reader) -> None:
    with RingWriter(reader.options, patience_seconds=0.05) as ring:
        ring.put([block(1, 1)], never)
        ring.put([block(2, 2)], never)

        with pytest.raises(CancelledError, match=r"CANCELLED: nobody has read from the ring for 0\.05 s"):
            ring.put([block(3, 3)], never)

    assert reader.written == 2
    assert reader.slot(0, 2) == [1, 1]


def test_cancelling_ends_the_wait(reader: Reader) -> None:
    with RingWriter(reader.options) as ring:
        ring.put([block(1, 1)], never)
        ring.put([block(2, 2)], never)

        with pytest.raises(CancelledError, match="was cancelled"):
            ring.put([block(3, 3)], lambda: True)

    assert reader.written == 2


@pytest.mark.parametrize(
    "header",
    [
        (1, LAYOUT_VERSION, SLOTS, SLOT_BYTES),
        (MAGIC, 2, SLOTS, SLOT_BYTES),
        (MAGIC, LAYOUT_VERSION, SLOTS + 1, SLOT_BYTES),
        (MAGIC, LAYOUT_VERSION, SLOTS, SLOT_BYTES * 2),
    ],
)
def test_another_header_is_refused(reader: Reader, header: tuple[int, ...]) -> None:
    reader.set_header(*header)

    with pytest.raises(InvalidOptionsError, match="has header"):
        RingWriter(reader.options)


def test_an_unknown_or_short_ring_is_refused(reader: Reader) -> None:
    with pytest.raises(InvalidOptionsError, match="there is no shared memory 'cadenza-ring-none'"):
        RingWriter(RingOptions("cadenza-ring-none", SLOTS, SLOT_BYTES))
    with pytest.raises(InvalidOptionsError, match="is smaller than"):
        RingWriter(RingOptions(reader.options.name, SLOTS, 1 << 20))


def test_a_slot_must_hold_a_chunk(reader: Reader) -> None:
    check_slot_size(reader.options, SLOT_BYTES)

    with pytest.raises(InvalidOptionsError, match="slot_bytes must be at least 65"):
        check_slot_size(reader.options, SLOT_BYTES + 1)
