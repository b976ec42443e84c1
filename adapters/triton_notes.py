"""The model that hears notes, on NVIDIA Triton over gRPC."""

import numpy as np
from tritonclient.grpc.aio import InferenceServerClient

from adapters.triton_calls import infer, tensor
from domain.kit.audio.note_model import NoteLikelihoods, Windows, checked_windows

MODEL = "note_transcription"


class TritonNoteModel:
    """Implements `domain.kit.audio.note_model.NoteModel`."""

    def __init__(self, client: InferenceServerClient) -> None:
        self._client = client

    async def likelihoods(self, windows: Windows) -> NoteLikelihoods:
        audio = np.ascontiguousarray(checked_windows(windows)[:, :, None])
        heard = await infer(self._client, MODEL, [tensor("audio", audio, "FP32")], ["onset", "note"])
        return NoteLikelihoods(heard.as_numpy("onset"), heard.as_numpy("note"))
