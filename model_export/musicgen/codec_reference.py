"""What transformers' EncodecModel makes of a checkpoint's codec, in float32."""

import torch
from transformers import EncodecConfig, EncodecModel

from model_export.musicgen.checkpoint import Checkpoint
from triton_models.codec_stream.decoding import Codes, Floats


class CodecReference:
    """Songs are decoded and encoded whole, whatever length of chunks the configuration names."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        config = EncodecConfig.from_dict({**checkpoint.config.codec.raw, "chunk_length_s": None})
        self._model = EncodecModel(config).eval()
        self._model.load_state_dict(checkpoint.tensors("audio_encoder."))
        self._bandwidth = config.target_bandwidths[-1]

    def decode(self, codes: Codes) -> Floats:
        """[rows, channels, samples] of [rows, books, frames]."""
        with torch.no_grad():
            samples: Floats = self._model.decode(torch.from_numpy(codes)[None], [None]).audio_values.numpy()
        return samples

    def encode(self, samples: Floats, books: int) -> tuple[Codes, Floats]:
        """The first `books` of [rows, books, frames], and the vectors [rows, frames, hidden] that were quantised."""
        given = torch.from_numpy(samples)
        with torch.no_grad():
            found = self._model.encode(given, bandwidth=self._bandwidth)
            scale = found.audio_scales[0]
            vectors = self._model.encoder(given if scale is None else given / scale[:, :, None])
        return found.audio_codes[0][:, :books].numpy(), vectors.numpy().swapaxes(1, 2)
