"""Serves the renderer in Triton: requests to threads, responses to streams. All else is in the siblings."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from triton_models.renderer.errors import RenderError
from triton_models.renderer.options import RenderOptions, options_from_json
from triton_models.renderer.responses import Response, respond
from triton_models.renderer.synth import SoundFontSynth
from triton_models.renderer.turns import Turns, TurnsFullError

RENDERING_THREADS = 2
# More would wait longer than their callers do; they are told so at once and come back.
MOST_WAITING = 64
# A request this short (the liveness probe is one) does not queue behind whole songs.
EXPRESS_SECONDS = 2.0


class TritonPythonModel:
    """Decoupled: `execute` only hands requests over, so Triton's own thread never waits for audio."""

    def initialize(self, args: dict[str, str]) -> None:
        parameters = json.loads(args["model_config"])["parameters"]
        soundfont = Path(args["model_repository"]) / parameters["soundfont"]["string_value"]
        self._synth = SoundFontSynth(soundfont)
        self._songs = Turns(RENDERING_THREADS, MOST_WAITING, "render")
        self._express = Turns(1, MOST_WAITING, "render-express")
        self._stopping = False

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            stream = ResponseStream(request)
            try:
                score, options = _inputs(request)
            except RenderError as error:
                stream.fail(str(error))
                continue
            lane = self._express if options.duration_seconds <= EXPRESS_SECONDS else self._songs
            try:
                lane.submit(partial(self._answer, stream, score, options), options.priority)
            except TurnsFullError:
                stream.fail(f"OVERLOADED: {MOST_WAITING} renderings are waiting")

    def finalize(self) -> None:
        """Renderings in progress notice it at their next block, those that wait are told; returns after all threads."""
        self._stopping = True
        for lane in (self._songs, self._express):
            for answer in lane.close():
                answer()

    def _answer(self, stream: "ResponseStream", score: bytes, options: RenderOptions) -> None:
        try:
            respond(self._synth, score, options, stream.send, lambda: self._stopping or stream.is_cancelled())
        except RenderError as error:
            stream.fail(str(error))
        except Exception as error:
            # Whatever went wrong, the stream must end and the thread must live.
            pb_utils.Logger.log_error(f"renderer: {error!r}")
            stream.fail(f"INTERNAL: {error}")
        else:
            stream.end()


class ResponseStream:
    """One request's response sender; exactly one of `fail` and `end` closes it."""

    def __init__(self, request: Any) -> None:
        self._sender = request.get_response_sender()

    def is_cancelled(self) -> bool:
        return bool(self._sender.is_cancelled())

    def send(self, response: Response) -> None:
        self._sender.send(
            pb_utils.InferenceResponse(
                output_tensors=[
                    pb_utils.Tensor("META", np.array([response.meta.encode()], np.object_)),
                    pb_utils.Tensor("MIX", response.mix),
                    pb_utils.Tensor("STEMS", response.stems),
                ]
            )
        )

    def fail(self, text: str) -> None:
        """`text` is "CODE: words"; stream errors carry no status of their own."""
        error = pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(text))
        self._sender.send(error, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def end(self) -> None:
        self._sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


def _inputs(request: Any) -> tuple[bytes, RenderOptions]:
    score, options = (
        pb_utils.get_input_tensor_by_name(request, name).as_numpy().item() for name in ("SCORE", "OPTIONS")
    )
    return score, options_from_json(options)
