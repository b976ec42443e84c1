"""Triton entry of the composer: BRIEF in, SCORE and MIDI out; the music is made by the package around it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from triton_models.composer.brief import BriefError, parse_brief
from triton_models.composer.composer import compose
from triton_models.score.document import to_json
from triton_models.score.midi import to_midi


class TritonPythonModel:
    """Answers every request by itself: a wrong brief fails its own request only."""

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        return [_respond(request) for request in requests]


def _respond(request: Any) -> Any:
    try:
        score = compose(parse_brief(_brief_text(request)))
        outputs = [_text_tensor("SCORE", to_json(score).encode()), _text_tensor("MIDI", to_midi(score))]
    except BriefError as error:
        return _failure("INVALID_BRIEF", str(error))
    except Exception as error:
        pb_utils.Logger.log_error(f"composer: {error!r}")
        return _failure("INTERNAL", "the composer failed on this brief")
    return pb_utils.InferenceResponse(output_tensors=outputs)


def _brief_text(request: Any) -> bytes:
    values = pb_utils.get_input_tensor_by_name(request, "BRIEF").as_numpy().reshape(-1)
    if values.size != 1:
        raise BriefError("BRIEF", f"must hold one document, not {values.size}")
    return bytes(values[0])


def _text_tensor(name: str, content: bytes) -> Any:
    return pb_utils.Tensor(name, np.array([content], dtype=np.object_))


def _failure(code: str, text: str) -> Any:
    return pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(f"{code}: {text}"))
