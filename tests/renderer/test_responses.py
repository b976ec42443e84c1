"""The stream of responses to one request."""

import json
import struct
import uuid
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
import pytest

from tests.renderer.scores import make_band, never
from triton_models.renderer.errors import CancelledError, InvalidOptionsError, InvalidScoreError
from triton_models.renderer.options import RenderOptions, RingOptions
from triton_models.renderer.responses import ProgressReport, Response, respond
from triton_models.renderer.ring import HEADER_BYTES, LAYOUT_VERSION, MAGIC
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.document import to_json

SCORE = to_json(make_band(5.0)).encode()
TRACKS = ["drums", "bass", "chords", "lead"]
CHUNK_FRAMES = 88_200


def answer(
    synth: SoundFontSynth, *, stems: bool = False, ring: RingOptions | None = None
) -> list[tuple[dict[str, Any], Response]]:
    sent: list[Response] = []
    respond(synth, SCORE, RenderOptions(5.0, 2.0, stems, ring), sent.append, never)
    return [(json.loads(response.meta), response) for response in sent]


def test_chunks_follow_progress_and_the_end_comes_last(synth: SoundFontSynth) -> None:
    sent = answer(synth, stems=True)

    kinds = [meta["kind"] for meta, _ in sent]
    assert kinds == ["progress"] * (len(sent) - 4) + ["chunk"] * 3 + ["end"]
    chunks = [meta for meta, _ in sent if meta["kind"] == "chunk"]
    assert chunks == [
        {"kind": "chunk", "index": 0, "start_frame": 0, "frames": 88_200, "slot": None},
        {"kind": "chunk", "index": 1, "start_frame": 88_200, "frames": 88_200, "slot": None},
        {"kind": "chunk", "index": 2, "start_frame": 176_400, "frames": 44_100, "slot": None},
    ]
    end = sent[-1][0]
    assert (end["frames"], end["tracks"]) == (220_500, TRACKS)
    assert end["loudness_lufs"] == pytest.approx(-14.0, abs=0.5)
    assert end["true_peak_dbtp"] <= -1.0


def test_the_shapes_of_audio_and_of_its_absence(synth: SoundFontSynth) -> None:
    shapes = {(meta["kind"], response.mix.shape, response.stems.shape) for meta, response in answer(synth, stems=True)}
    assert shapes == {
        ("progress", (0, 2), (0, 0, 2)),
        ("chunk", (88_200, 2), (4, 88_200, 2)),
        ("chunk", (44_100, 2), (4, 44_100, 2)),
        ("end", (0, 2), (0, 0, 2)),
    }
    without = {response.stems.shape for _, response in answer(synth)}
    assert without == {(0, 0, 2)}


def test_the_ring_carries_the_same_audio(synth: SoundFontSynth) -> None:
    expected = [(r.mix, r.stems) for meta, r in answer(synth, stems=True) if meta["kind"] == "chunk"]
    slot_bytes = CHUNK_FRAMES * 8 * 5
    memory = SharedMemory(f"cadenza-ring-{uuid.uuid4().hex}", create=True, size=HEADER_BYTES + 3 * slot_bytes)
    assert memory.buf is not None
    struct.pack_into("<8Q", memory.buf, 0, MAGIC, LAYOUT_VERSION, 3, slot_bytes, 0, 0, 0, 0)

    sent = answer(synth, stems=True, ring=RingOptions(memory.name, 3, slot_bytes))

    content = bytes(memory.buf)
    memory.close()
    memory.unlink()
    chunks = [(meta, response) for meta, response in sent if meta["kind"] == "chunk"]
    assert [meta["slot"] for meta, _ in chunks] == [0, 1, 2]
    assert {(r.mix.shape, r.stems.shape) for _, r in chunks} == {((0, 2), (0, 0, 2))}
    assert struct.unpack_from("<Q", content, 32) == (3,)
    for number, (mix, stems) in enumerate(expected):
        wanted = np.concatenate([mix.ravel(), stems.ravel()])
        found = np.frombuffer(content, "<f4", wanted.size, HEADER_BYTES + number * slot_bytes)
        assert np.array_equal(found, wanted)


def test_the_ring_carries_a_mix_without_stems(synth: SoundFontSynth) -> None:
    expected = [response.mix for meta, response in answer(synth) if meta["kind"] == "chunk"]
    slot_bytes = CHUNK_FRAMES * 8
    memory = SharedMemory(f"cadenza-ring-{uuid.uuid4().hex}", create=True, size=HEADER_BYTES + 3 * slot_bytes)
    assert memory.buf is not None
    struct.pack_into("<8Q", memory.buf, 0, MAGIC, LAYOUT_VERSION, 3, slot_bytes, 0, 0, 0, 0)

    sent = answer(synth, ring=RingOptions(memory.name, 3, slot_bytes))

    content = bytes(memory.buf)
    memory.close()
    memory.unlink()
    assert [meta["slot"] for meta, _ in sent if meta["kind"] == "chunk"] == [0, 1, 2]
    for number, mix in enumerate(expected):
        found = np.frombuffer(content, "<f4", mix.size, HEADER_BYTES + number * slot_bytes)
        assert np.array_equal(found, mix.ravel())


def test_a_ring_too_small_is_refused_before_any_work(synth: SoundFontSynth) -> None:
    with pytest.raises(InvalidOptionsError, match=f"at least {CHUNK_FRAMES * 8 * 5} for these chunks"):
        answer(synth, stems=True, ring=RingOptions("cadenza-ring-any", 8, CHUNK_FRAMES * 8 * 5 - 1))


def test_a_broken_score_is_refused_with_its_field(synth: SoundFontSynth) -> None:
    sent: list[Response] = []

    with pytest.raises(InvalidScoreError, match="INVALID_SCORE: schema is missing"):
        respond(synth, b"{}", RenderOptions(5.0, 2.0, False, None), sent.append, never)

    assert sent == []


def test_nothing_is_sent_for_a_request_cancelled_while_it_waited(synth: SoundFontSynth) -> None:
    sent: list[Response] = []

    with pytest.raises(CancelledError):
        respond(synth, SCORE, RenderOptions(5.0, 2.0, False, None), sent.append, lambda: True)

    assert sent == []


def test_progress_is_thinned_to_twentieths() -> None:
    sent: list[Response] = []
    report = ProgressReport(sent.append)

    for step in range(1, 101):
        report("synthesis", step / 100)
    report("mastering", 1.0)

    metas = [json.loads(response.meta) for response in sent]
    assert len(metas) == 22
    assert metas[-2] == {"kind": "progress", "stage": "synthesis", "progress": 1.0}
    assert metas[-1] == {"kind": "progress", "stage": "mastering", "progress": 1.0}
