"""The stream of responses to one request: progress, chunks and the end, as plain values."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from triton_models.renderer.audio import CHANNELS
from triton_models.renderer.cancellation import IsCancelled, raise_if
from triton_models.renderer.errors import InvalidScoreError
from triton_models.renderer.options import RenderOptions, RingOptions
from triton_models.renderer.render import Job, render
from triton_models.renderer.rendering import Rendering
from triton_models.renderer.ring import RingWriter, check_slot_size
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.document import ScoreError, from_json
from triton_models.score.model import Score

_PROGRESS_STEP: Final = 0.05
_FRAME_BYTES: Final = 8

_NO_MIX: Final = (0, CHANNELS)
_NO_STEMS: Final = (0, 0, CHANNELS)


@dataclass(frozen=True, slots=True)
class Response:
    """`meta` is JSON; `mix` is [frames, 2] and `stems` [tracks, frames, 2], empty when there is no audio."""

    meta: str
    mix: npt.NDArray[np.float32]
    stems: npt.NDArray[np.float32]


Send = Callable[[Response], None]


def respond(
    synth: SoundFontSynth, score_text: bytes, options: RenderOptions, send: Send, cancelled: IsCancelled
) -> None:
    """Answer one request through `send`; RenderError says why there is no (further) answer."""
    raise_if(cancelled)
    score = read_score(score_text)
    with ExitStack() as opened:
        ring = opened.enter_context(_open_ring(options.ring, options, score)) if options.ring else None
        progress = ProgressReport(send)
        job = Job(score, options.frames, options.stems, cancelled, progress)
        rendering = opened.enter_context(render(synth, job))
        for index, start in enumerate(range(0, options.frames, options.chunk_frames)):
            raise_if(cancelled)
            length = min(options.chunk_frames, options.frames - start)
            send(_chunk(rendering, index, start, length, ring, cancelled))
        send(_end(rendering))


def read_score(text: bytes) -> Score:
    """The score in `text`, or InvalidScoreError that names its first wrong field."""
    try:
        return from_json(text)
    except ScoreError as wrong:
        raise InvalidScoreError(str(wrong)) from wrong


class ProgressReport:
    """Passes progress on, but only every twentieth of a stage and at its end."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._last: tuple[str, int] | None = None

    def __call__(self, stage: str, part: float) -> None:
        step = (stage, int(part / _PROGRESS_STEP))
        if step != self._last:
            self._last = step
            self._send(_silent({"kind": "progress", "stage": stage, "progress": round(part, 3)}))


def _open_ring(ring: RingOptions, options: RenderOptions, score: Score) -> RingWriter:
    streams = 1 + (len(score.tracks) if options.stems else 0)
    frames = min(options.chunk_frames, options.frames)
    check_slot_size(ring, frames * _FRAME_BYTES * streams)
    return RingWriter(ring)


def _chunk(
    rendering: Rendering, index: int, start: int, length: int, ring: RingWriter | None, cancelled: IsCancelled
) -> Response:
    mix, stems = rendering.mix(start, length), rendering.stems(start, length)
    slot = None if ring is None else ring.put([mix, stems], cancelled)
    meta = {"kind": "chunk", "index": index, "start_frame": start, "frames": length, "slot": slot}
    if ring is not None:
        return _silent(meta)
    return Response(json.dumps(meta), mix, stems if len(stems) else _empty(_NO_STEMS))


def _end(rendering: Rendering) -> Response:
    return _silent(
        {
            "kind": "end",
            "frames": rendering.frames,
            "loudness_lufs": round(rendering.master.loudness_lufs, 2),
            "true_peak_dbtp": round(rendering.master.true_peak_dbtp, 2),
            "tracks": rendering.track_ids,
        }
    )


def _silent(meta: dict[str, Any]) -> Response:
    return Response(json.dumps(meta), _empty(_NO_MIX), _empty(_NO_STEMS))


def _empty(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return np.zeros(shape, np.float32)
