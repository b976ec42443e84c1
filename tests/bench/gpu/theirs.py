"""The same songs by transformers: eager with caches that grow, and with a static cache that torch.compile knows."""

from collections.abc import Callable

import torch
from transformers import MusicgenForConditionalGeneration
from transformers.utils import logging

from tests.bench.gpu.bandwidth import settle
from tests.bench.gpu.subject import WORDS, Subject


class Transformers:
    """float16 on CUDA, float32 on the CPU, which has few kernels for halves."""

    def __init__(self, subject: Subject, device: str) -> None:
        logging.set_verbosity_error()
        self._subject, self._device = subject, device
        # On a busy machine a second thread mostly waits for the first.
        torch.set_num_threads(1)
        element = torch.float16 if device.startswith("cuda") else torch.float32
        loaded = MusicgenForConditionalGeneration.from_pretrained(subject.source, dtype=element)
        self._model = loaded.eval().to(device)

    def songs(self, requests: int, frames: int, *, static: bool) -> Callable[[], None]:
        """Given the words of a text; `static` also compiles on CUDA, as `generate` does by itself there."""
        words = torch.arange(1, WORDS + 1, device=self._device)[None].repeat(requests, 1)
        kept = {"cache_implementation": "static"} if static else {}

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
