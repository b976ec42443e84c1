"""Runs rows of equal length through the decoder's graphs with onnxruntime, for the checks of an export."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_step import cached
from model_export.sessions import session
from triton_models.step_graph.code_books import TOLD
from triton_models.step_graph.device_code_books import POSITIONS
from triton_models.step_graph.device_steps import LAST, LENGTH
from triton_models.step_graph.prefixes import PREFIX

Logits = NDArray[np.float32]
Codes = NDArray[np.int64]
Cross = Mapping[str, NDArray[Any]]
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int8)": np.int8}


def count_of(cross: Cross) -> int:
    """How many rows there are texts for."""
    return next(iter(cross.values())).shape[0]


class Taken(NamedTuple):
    """Behind the last frame that was taken in: [rows, books, vocabulary] and [rows, hidden]."""

    logits: Logits
    hidden: Logits


class CrossGraph:
    """What the step graphs need to know of texts."""

    def __init__(self, file: Path) -> None:
        self._runner = session(file)
        self._names = [node.name for node in self._runner.get_outputs()]

    def run(self, states: Logits, mask: Codes) -> Cross:
        """Keys, values and bias by the names of the step graph's inputs; `states` [rows, text, width]."""
        found = self._runner.run(self._names, {"states": states, "mask": mask})
        return dict(zip(self._names, found, strict=True))


class PrefixGraph:
    """What stands before the codes of a checkpoint of the melody kind."""

    def __init__(self, file: Path) -> None:
        self._runner = session(file)

    def run(self, states: Logits, mask: Codes, chroma: Logits) -> Cross:
        """The embeddings by the name of the step graph's input; `chroma` [rows, length, classes]."""
        feeds = {"states": states, "mask": mask, "chroma": chroma}
        return {PREFIX: self._runner.run([PREFIX], feeds)[0]}


class StepGraph:
    """A step graph of either kind, from which sequences are begun."""

    def __init__(self, file: Path, d: DecoderConfig) -> None:
        self.runner = session(file)
        names = {node.name for node in self.runner.get_inputs()}
        self._kind = StandardRows if LAST not in names else DeviceRows if POSITIONS in names else SharedRows
        self._sizes = d

    def begin(self, cross: Cross, context: int) -> "Rows":
        """Rows with one text each and caches for `context` positions of codes; a prefix is taken in before them."""
        d, kinds = self._sizes, {node.name: TYPES.get(node.type) for node in self.runner.get_inputs()}
        given = {name: np.ascontiguousarray(values, kinds[name]) for name, values in cross.items()}
        prefix = given.pop(PREFIX, None)
        positions = context if prefix is None else context + prefix.shape[1]
        shape = (count_of(cross), d.heads, positions, cached(d.head_size))
        caches = {name: np.zeros(shape, kinds[name]) for name in kinds if name.startswith("past_")}
        made = self._kind(self.runner, d, given, caches)
        if prefix is not None:
            made.lead(prefix)
        return made


class Rows(ABC):
    """Some sequences side by side."""

    def __init__(
        self, runner: onnxruntime.InferenceSession, d: DecoderConfig, cross: Cross, caches: dict[str, NDArray[Any]]
    ) -> None:
        self._runner = runner
        self._sizes = d
        self._cross = cross
        self._caches = caches
        self._taken = 0
        self._led: np.dtype[Any] | None = None
        self._asks_length = any(node.name == LENGTH for node in runner.get_inputs())

    @property
    def caches(self) -> Mapping[str, NDArray[Any]]:
        """Keys and values [rows, heads, positions, cached] by the names of the inputs that take them."""
        return self._caches

    def skip(self, positions: int) -> None:
        """As if so many had been taken in, all alike: for the time that a later step takes."""
        for cache in self._caches.values():
            cache[:, :, self._taken : self._taken + positions] = 1
        self._taken += positions

    def take(self, codes: Codes) -> Taken:
        """What stands behind the last of `codes` [rows, books, n], which follow all that were taken before."""
        self._taken += codes.shape[2]
        if self._led is None:
            return self._run(codes, {})
        return self._run(codes, {PREFIX: np.zeros((len(codes), codes.shape[2], self._sizes.hidden), self._led)})

    def lead(self, prefix: NDArray[Any]) -> None:
        """Take in what stands before all codes [rows, n, hidden]."""
        self._led = prefix.dtype
        rows, count, _ = prefix.shape
        self._taken += count
        self._run(np.full((rows, self._sizes.books, count), self._sizes.start_token + 1), {PREFIX: prefix})

    @abstractmethod
    def _run(self, codes: Codes, led: Mapping[str, NDArray[Any]]) -> Taken:
        """The next positions, which are counted already; `led` is what is added to the embeddings of the codes."""


class SharedRows(Rows):
    """Every call writes the caches that it reads. Only rows that have a word are told."""

    _last: tuple[slice, Cross] | None = None

    def _run(self, codes: Codes, led: Mapping[str, NDArray[Any]]) -> Taken:
        """The operator takes in several positions of one row at a time only."""
        rows = len(codes)
        parts = [slice(0, rows)] if codes.shape[2] == 1 else [slice(row, row + 1) for row in range(rows)]
        taken = [self._part(part, np.ascontiguousarray(codes[part]), led) for part in parts]
        return Taken(*(np.concatenate(values) for values in zip(*taken, strict=True)))

    def _texts(self, rows: slice) -> Cross:
        """Of these rows, by the names of the inputs; the same again costs nothing."""
        if not self._cross:
            return {}
        if self._last is None or self._last[0] != rows:
            told = np.flatnonzero(self._cross["cross_bias"][rows].max(axis=(1, 2, 3)) == 0)
            self._last = rows, {TOLD: told, **{name: values[rows][told] for name, values in self._cross.items()}}
        return self._last[1]

    def _places(self, codes: Codes) -> Mapping[str, NDArray[Any]]:
        """What is said of the places of these codes besides the last one of each row."""
        return {}

    def _part(self, rows: slice, codes: Codes, led: Mapping[str, NDArray[Any]]) -> Taken:
        binding = self._runner.io_binding()
        binding.bind_cpu_input("codes", codes)
        binding.bind_cpu_input(LAST, np.full(len(codes), self._taken - 1, np.int32))
        if self._asks_length:
            binding.bind_cpu_input(LENGTH, np.array(self._taken, np.int32))
        for name, values in self._places(codes).items():
            binding.bind_cpu_input(name, values)
        for name, values in self._texts(rows).items():
            binding.bind_cpu_input(name, values)
        for name, values in led.items():
            binding.bind_cpu_input(name, values[rows])
        for name, cache in self._caches.items():
            part = cache[rows]
            place = ("cpu", 0, part.dtype, part.shape, part.ctypes.data)
            binding.bind_input(name, *place)
            binding.bind_output(name.replace("past_", "present_"), *place)
        d, given = self._sizes, len(codes)
        taken = Taken(np.empty((given, d.books, d.vocabulary), np.float32), np.empty((given, d.hidden), np.float32))
        for name, values in taken._asdict().items():
            binding.bind_output(name, "cpu", 0, np.float32, values.shape, values.ctypes.data)
        self._runner.run_with_iobinding(binding)
        return taken


class DeviceRows(SharedRows):
    """Every row has a text, and is told where it stands."""

    def _texts(self, rows: slice) -> Cross:
        return {name: np.ascontiguousarray(values[rows]) for name, values in self._cross.items()}

    def _places(self, codes: Codes) -> Mapping[str, NDArray[Any]]:
        count = codes.shape[2]
        return {POSITIONS: np.repeat(np.arange(self._taken - count, self._taken)[None], len(codes), axis=0)}


class StandardRows(Rows):
    """What is new is written behind what is there."""

    def _run(self, codes: Codes, led: Mapping[str, NDArray[Any]]) -> Taken:
        places = slice(self._taken - codes.shape[2], self._taken)
        positions = np.repeat(np.arange(places.start, places.stop)[None], len(codes), axis=0)
        feeds = {"codes": codes, "positions": positions, **self._cross, **led, **self._caches}
        new = [name.replace("past_", "new_") for name in self._caches]
        logits, hidden, *found = self._runner.run(["logits", "hidden", *new], feeds)
        for cache, values in zip(self._caches.values(), found, strict=True):
            cache[:, :, places] = values
        return Taken(logits, hidden)
