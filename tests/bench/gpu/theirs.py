"""The same songs by transformers: eager with caches that grow, and with a static cache that torch.compile knows."""

from collections.abc import Callable
from typing import Any

import torch
from transformers import MusicgenForConditionalGeneration, MusicgenMelodyForConditionalGeneration
from transformers.utils import logging

from tests.bench.gpu.bandwidth import settle
from tests.bench.gpu.subject import Subject


class Transformers:
    """float16 on CUDA, float32 on the CPU, which has few kernels for halves."""

    def __init__(self, subject: Subject, device: str) -> None:
        logging.set_verbosity_error()
        self._subject, self._device = subject, device
        # On a busy machine a second thread mostly waits for the first.
        torch.set_num_threads(1)
        element = torch.float16 if device.startswith("cuda") else torch.float32
        plain, led = MusicgenForConditionalGeneration, MusicgenMelodyForConditionalGeneration
        loaded = (plain if subject.heard is None else led).from_pretrained(subject.source, dtype=element)
        self._model = loaded.eval().to(device)

    @property
    def has_static_cache(self) -> bool:
        """transformers 5.23 has none for the melody kind: `generate` ends with a KeyError."""
        return self._subject.heard is None

    def songs(self, requests: int, frames: int, *, static: bool) -> Callable[[], None]:
        """Given words and a melody; `static` also compiles on CUDA, as `generate` does by itself there."""
        words = torch.from_numpy(self._subject.words()).to(self._device)[None].repeat(requests, 1)
        kept: dict[str, Any] = {"cache_implementation": "static"} if static else {}
        if (melody := self._subject.melody()) is not None and melody.chroma is not None:
            chroma = torch.from_numpy(melody.chroma).to(self._device, self._model.dtype)
            kept["input_features"] = chroma[None].repeat(requests, 1, 1)

        def run() -> None:
            with torch.no_grad():
                made = self._model.generate(
                    input_ids=words,
                    attention_mask=torch.ones_like(words),
                    do_sample=True,
                    top_k=250,
                    guidance_scale=3.0,
                    max_new_tokens=self._subject.pattern.positions(frames) - 1,
                    **kept,
                )
            settle(self._device)
            if made.shape[-1] != frames * self._subject.shape.hop:
                raise RuntimeError(f"transformers made {made.shape[-1]} samples of {frames} frames")

        return run
