"""Serves a checkpoint's graphs in Triton: documents to the desk, samples to streams. All else is in the siblings.

A model's folder has its graphs in `1`, and a `model.py` there that takes the class from here.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from triton_models.codec_stream.decoding import Floats
from triton_models.generation_core.metrics import Snapshot
from triton_models.musicgen.cache_metrics import CacheMetrics
from triton_models.musicgen.service import MusicGenService, ServiceSettings, failure
from triton_models.scheduler_metrics import SchedulerMetrics
from triton_models.step_graph.sessions import usual_threads


class TritonPythonModel:
    """Decoupled: `execute` only hands requests over, so Triton's own thread never waits for music."""

    def initialize(self, args: dict[str, str]) -> None:
        rows = json.loads(args["model_config"])["parameters"]
        given = {name: row["string_value"] for name, row in rows.items()}
        settings = ServiceSettings(
            form=given["form"],
            memory=int(given["memory_bytes"]),
            seconds=float(given["longest_seconds"]),
            words=int(given["most_words"]),
            threads=int(given["threads"]) or usual_threads(),
            context_share=float(given["context_share"]),
            kept_bytes=int(given["kept_bytes"]),
            # Only what is served on a GPU says these.
            device=given.get("device", ServiceSettings.device),
            slots=int(given.get("slots", ServiceSettings.slots)),
        )
        self._service = MusicGenService(Path(args["model_repository"]) / args["model_version"], settings)
        self._cache = CacheMetrics(args["model_name"], self._service.cached, pb_utils.MetricFamily)
        self._metrics = SchedulerMetrics(args["model_name"], self._seen, pb_utils.MetricFamily)

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            stream = ResponseStream(request, self._service.sampling_rate)
            try:
                document = pb_utils.get_input_tensor_by_name(request, "REQUEST").as_numpy()
                given = [pb_utils.get_input_tensor_by_name(request, name) for name in ("REFERENCE", "MELODY")]
                reference, melody = (None if tensor is None else tensor.as_numpy() for tensor in given)
                self._service.submit(bytes(document.item()), stream, reference, melody)
            except Exception as error:
                stream.failed(error)

    def _seen(self) -> Snapshot:
        """The cache's numbers are told whenever the scheduler's are."""
        self._cache.tell()
        return self._service.snapshot()

    def finalize(self) -> None:
        """Songs that are being made are told; returns after all threads."""
        self._service.close()
        self._metrics.close()


class ResponseStream:
    """One request's response sender, as a listener of the desk."""

    def __init__(self, request: Any, sampling_rate: int) -> None:
        self._sender = request.get_response_sender()
        self._sampling_rate = sampling_rate

    def is_gone(self) -> bool:
        return bool(self._sender.is_cancelled())

    def hear(self, samples: Floats, start: int) -> None:
        """META says where the samples begin, in seconds; AUDIO holds them, [channels, n]."""
        meta = {"from_seconds": round(start / self._sampling_rate, 6), "sampling_rate": self._sampling_rate}
        tensors = [
            pb_utils.Tensor("META", np.array([json.dumps(meta).encode()], np.object_)),
            pb_utils.Tensor("AUDIO", np.ascontiguousarray(samples)),
        ]
        self._sender.send(pb_utils.InferenceResponse(output_tensors=tensors))

    def finished(self) -> None:
        self._sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def failed(self, error: Exception) -> None:
        text = failure(error)
        if text.startswith("INTERNAL"):
            pb_utils.Logger.log_error(f"musicgen: {error!r}")
        response = pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(text))
        self._sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
