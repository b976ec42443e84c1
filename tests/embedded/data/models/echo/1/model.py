"""A decoupled model for the tests: answers in capitals, after a wait or some work when the text asks for it."""

import time
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """The class name is Triton's."""

    def execute(self, requests: list[Any]) -> None:
        """Answer each request once."""
        for request in requests:
            text = pb_utils.get_input_tensor_by_name(request, "TEXT").as_numpy()[0].decode()
            _spend(text)
            sender = request.get_response_sender()
            reply = np.array([text.upper().encode()], dtype=np.object_)
            sender.send(pb_utils.InferenceResponse([pb_utils.Tensor("REPLY", reply)]))
            sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


def _spend(text: str) -> None:
    what, _, seconds = text.partition(" ")
    if what == "sleep":
        time.sleep(float(seconds))
    if what == "work":
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            pass
