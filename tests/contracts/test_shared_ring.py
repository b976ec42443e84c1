"""Both halves of the shared-memory ring against each other, and what a killed worker leaves behind."""

import os
from pathlib import Path

import numpy as np
import pytest

from adapters.shared_ring import PREFIX, SharedRing, remove_orphans
from triton_models.renderer.options import RingOptions
from triton_models.renderer.ring import RingWriter


def never() -> bool:
    return False


def attached(ring: SharedRing) -> RingWriter:
    return RingWriter(RingOptions(name=ring.name, slots=ring.slots, slot_bytes=ring.slot_bytes))


def test_what_the_renderer_writes_is_what_the_worker_takes() -> None:
    # given a ring of two slots for chunks of up to 100 frames with one stem
    with SharedRing(slots=2, max_frames=100, stems=1) as ring, attached(ring) as writer:
        rng = np.random.default_rng(1)
        for count in (100, 100, 37):
            mix, stems = rng.random((count, 2), np.float32), rng.random((1, count, 2), np.float32)
            # when a chunk is put and taken
            slot = writer.put([mix, stems], never)
            taken, named = ring.take(slot, count, ["bass"])
            # then it is the same
            assert np.array_equal(taken, mix)
            assert np.array_equal(named["bass"], stems[0])


def test_a_chunk_that_cannot_fit_is_refused() -> None:
    with SharedRing(slots=1, max_frames=10, stems=0) as ring, pytest.raises(ValueError, match="does not fit"):
        ring.take(0, 11, [])


def test_leaving_frees_the_memory() -> None:
    with SharedRing(slots=1, max_frames=10, stems=0) as ring:
        path = Path("/dev/shm") / ring.name
        assert path.exists()
    assert not path.exists()


def test_only_rings_of_dead_processes_are_removed(tmp_path: Path) -> None:
    dead, own, foreign = (tmp_path / f"{PREFIX}{pid}-ab" for pid in (2**22 + 1, os.getpid(), "x"))
    other = tmp_path / "something-else-1"
    for path in (dead, own, foreign, other):
        path.touch()
    assert remove_orphans(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([own.name, other.name])
