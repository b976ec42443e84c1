"""Triton's entry point of the `onnxruntime` backend: tensors in, one session run per batch, tensors out.

A Python-based backend: Triton loads it for every model that names `backend: "onnxruntime"`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import triton_python_backend_utils as pb_utils

from triton_models.backends.onnxruntime.batching import Tensors, batch_rows, join, plan_batches, split
from triton_models.backends.onnxruntime.session import SessionSettings, open_session


class TritonPythonModel:
    """One instance of one ONNX model; the class name is Triton's."""

    def initialize(self, args: dict[str, str]) -> None:
        """Open the model; an exception here becomes the reason that Triton gives for not loading it."""
        config = json.loads(args["model_config"])
        self._session = open_session(Path(args["model_repository"]) / args["model_version"], config)
        self._max_batch_size = SessionSettings.from_config(config).max_batch_size
        self._inputs = [tensor["name"] for tensor in config["input"]]
        self._outputs = [tensor["name"] for tensor in config["output"]]

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """One response per request, in order; a bad request does not spoil the others of its batch."""
        tensors = [self._read(request) for request in requests]
        responses: list[Any] = [None] * len(requests)
        for batch in plan_batches(tensors, self._max_batch_size):
            results = self._run([tensors[position] for position in batch])
            for position, result in zip(batch, results, strict=True):
                responses[position] = self._respond(requests[position], result)
        return responses

    def _read(self, request: Any) -> Tensors:
        return {name: pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in self._inputs}

    def _run(self, batch: Sequence[Tensors]) -> Sequence[Tensors | Exception]:
        try:
            values = self._session.run(self._outputs, join(batch))
            outputs = dict(zip(self._outputs, values, strict=True))
            if self._max_batch_size == 0:
                return [outputs]
            return split(outputs, [batch_rows(tensors) for tensors in batch])
        except Exception as error:
            if len(batch) == 1:
                return [error]
            return [result for tensors in batch for result in self._run([tensors])]

    def _respond(self, request: Any, result: Tensors | Exception) -> Any:
        if isinstance(result, Exception):
            text = " ".join(str(result).split())
            return pb_utils.InferenceResponse(error=pb_utils.TritonError(f"INVALID_INPUT: {text}"))
        wanted = request.requested_output_names()
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, result[name]) for name in wanted])
