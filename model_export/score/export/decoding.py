"""Runs rows of equal length through a step graph with onnxruntime, for the checks of an export. Serving has its own."""

from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_export.score.export.checkpoint import Architecture

Logits = NDArray[np.float32]
Tokens = NDArray[np.int64]
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Decoder(Protocol):
    """Some sequences side by side. Tokens are taken in in order."""

    def take(self, tokens: Tokens) -> Logits:
        """Logits [rows, vocabulary] behind the last of `tokens` [rows, n], which follow all those before."""
        ...


def open_decoder(runner: onnxruntime.InferenceSession, a: Architecture, rows: int, text: Logits | None) -> Decoder:
    """The decoder that the graph asks for; `text` [rows, text], zeros without one."""
    text = np.zeros((rows, a.text), np.float32) if text is None else text
    shared = any(node.name == "last_position" for node in runner.get_inputs())
    return SharedDecoder(runner, a, text) if shared else StandardDecoder(runner, a, text)


def _buffers(runner: onnxruntime.InferenceSession, a: Architecture, rows: int) -> dict[str, NDArray[Any]]:
    """Empty caches by the names of the inputs that take them."""
    shape = (rows, a.kv_heads, a.context, a.head_size)
    inputs = [(node.name, TYPES[node.type]) for node in runner.get_inputs() if node.name.startswith("past_")]
    return {name: np.zeros(shape, dtype=kind) for name, kind in inputs}


class SharedDecoder:
    """A graph with SharedCaches or UpdatedCaches: every call writes the buffers that it reads."""

    def __init__(self, runner: onnxruntime.InferenceSession, a: Architecture, text: Logits) -> None:
        self._runner = runner
        self._text = text
        self._caches = _buffers(runner, a, len(text))
        self._logits = np.empty((len(text), a.vocabulary), np.float32)
        self._asks_length = any(node.name == "length" for node in runner.get_inputs())
        self._taken = 0

    def take(self, tokens: Tokens) -> Logits:
        """See Decoder. The operator takes in several positions of one row at a time only."""
        self._taken += tokens.shape[1]
        rows = len(tokens)
        for part in [slice(0, rows)] if tokens.shape[1] == 1 else [slice(row, row + 1) for row in range(rows)]:
            self._run(part, np.ascontiguousarray(tokens[part]))
        return self._logits.copy()

    def _run(self, rows: slice, tokens: Tokens) -> None:
        binding = self._runner.io_binding()
        binding.bind_cpu_input("tokens", tokens)
        binding.bind_cpu_input("last_position", np.full(len(tokens), self._taken - 1, np.int32))
        if self._asks_length:
            binding.bind_cpu_input("length", np.array(self._taken, np.int32))
        if self._text.size:
            binding.bind_cpu_input("text", self._text[rows])
        for name, cache in self._caches.items():
            part = cache[rows]
            place = ("cpu", 0, part.dtype, part.shape, part.ctypes.data)
            binding.bind_input(name, *place)
            binding.bind_output(name.replace("past_", "present_"), *place)
        logits = self._logits[rows]
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._runner.run_with_iobinding(binding)


class StandardDecoder:
    """A graph with StandardCaches: what is new is written behind what is there."""

    def __init__(self, runner: onnxruntime.InferenceSession, a: Architecture, text: Logits) -> None:
        self._runner = runner
        self._text = text
        self._caches = _buffers(runner, a, len(text))
        self._new = [name.replace("past_", "new_") for name in self._caches]
        self._taken = 0

    def take(self, tokens: Tokens) -> Logits:
        """See Decoder."""
        places = slice(self._taken, self._taken + tokens.shape[1])
        positions = np.repeat(np.arange(places.start, places.stop)[None], len(tokens), axis=0)
        feeds = {"tokens": tokens, "positions": positions, **self._caches}
        if self._text.size:
            feeds["text"] = self._text
        logits, *new = self._runner.run(["logits", *self._new], feeds)
        for cache, values in zip(self._caches.values(), new, strict=True):
            cache[:, :, places] = values
        self._taken = places.stop
        found: Logits = logits
        return found
