"""Serves the score model in Triton: requests to the desk, its answers to streams. All else is in the siblings."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from triton_models.scheduler_metrics import SchedulerMetrics
from triton_models.score.document import to_json
from triton_models.score.midi import to_midi
from triton_models.score_tiny.service import ScoreService, Wanted, failure
from triton_models.score_writer.songs import Finished
from triton_models.step_graph.devices import parse_device
from triton_models.step_graph.model import StepGraphSettings


class TritonPythonModel:
    """Decoupled: `execute` only hands requests over, so Triton's own thread never waits for music."""

    def initialize(self, args: dict[str, str]) -> None:
        parameters = json.loads(args["model_config"])["parameters"]
        graph, slots, threads = (parameters[name]["string_value"] for name in ("graph", "slots", "threads"))
        folder = Path(args["model_repository"]) / args["model_version"]
        # Only what is served on a GPU says this.
        device = parse_device(parameters["device"]["string_value"]) if "device" in parameters else None
        self._service = ScoreService(folder, graph, StepGraphSettings(int(slots), int(threads)), device)
        self._metrics = SchedulerMetrics(args["model_name"], self._service.snapshot, pb_utils.MetricFamily)

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            stream = ResponseStream(request)
            try:
                self._service.submit(_wanted(request), stream)
            except Exception as error:
                stream.failed(error)

    def finalize(self) -> None:
        """Songs that are being written are told; returns after all threads."""
        self._service.close()
        self._metrics.close()


class ResponseStream:
    """One request's response sender, as a customer of the desk."""

    def __init__(self, request: Any) -> None:
        self._sender = request.get_response_sender()

    def is_gone(self) -> bool:
        return bool(self._sender.is_cancelled())

    def progress(self, bars: int, of: int) -> None:
        self._send({"type": "progress", "bars": bars, "of": of})

    def finished(self, song: Finished) -> None:
        try:
            score, midi = to_json(song.score).encode(), to_midi(song.score)
        except Exception as error:
            self.failed(error)
            return
        meta = {
            "type": "score",
            "duration_seconds": round(song.score.duration_seconds, 3),
            "changed": list(song.changed),
        }
        self._send(meta, SCORE=score, MIDI=midi)
        self._sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def failed(self, error: Exception) -> None:
        text = failure(error)
        if text.startswith("INTERNAL"):
            pb_utils.Logger.log_error(f"score_tiny: {error!r}")
        response = pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(text))
        self._sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def _send(self, meta: dict[str, Any], **documents: bytes) -> None:
        """SCORE and MIDI are empty but in the last response."""
        contents = {"META": json.dumps(meta).encode(), "SCORE": b"", "MIDI": b"", **documents}
        tensors = [pb_utils.Tensor(name, np.array([content], np.object_)) for name, content in contents.items()]
        self._sender.send(pb_utils.InferenceResponse(output_tensors=tensors))


def _wanted(request: Any) -> Wanted:
    brief, text, edit, options = (
        pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("BRIEF", "TEXT", "EDIT", "OPTIONS")
    )
    return Wanted(bytes(brief.item()), text, bytes(edit.item()), bytes(options.item()))
