"""Runs a graph on windows that anybody can make again, and compares what two graphs say. Needs onnxruntime only."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_export.note_transcription.settings import SHAPE

RATE = 22_050
OUTPUTS = ("onset", "note", "contour")
CHORD_HERTZ = (110.0, 220.0, 277.18, 329.63)
ROUNDS = 5

Windows = NDArray[np.float32]
Likelihoods = Mapping[str, NDArray[np.float32]]


def session(path: Path) -> onnxruntime.InferenceSession:
    """On one thread, as it is served."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def reference_windows() -> Windows:
    """A chord of decaying tones struck twice, noise, silence, and the chord under noise: [4, 43844, 1]."""
    seconds = np.arange(SHAPE.samples) / RATE
    struck = np.exp(-3.0 * np.mod(seconds, 1.0))
    tones = [np.sin(2 * np.pi * hertz * number * seconds) / number for hertz in CHORD_HERTZ for number in (1, 2, 3)]
    chord = 0.1 * struck * np.sum(tones, axis=0)
    noise = 0.1 * np.random.default_rng(1).standard_normal(SHAPE.samples)
    windows = np.stack([chord, noise, np.zeros(SHAPE.samples), chord + 0.1 * noise])
    return np.asarray(windows[:, :, None], dtype=np.float32)


def likelihoods(runner: onnxruntime.InferenceSession, windows: Windows, names: Mapping[str, str]) -> Likelihoods:
    """What a graph says, by our names of its outputs; `names` gives the graph's."""
    values = runner.run([names[name] for name in OUTPUTS], {runner.get_inputs()[0].name: windows})
    return dict(zip(OUTPUTS, values, strict=True))


def distance(one: Likelihoods, other: Likelihoods) -> float:
    """The greatest difference between any two likelihoods."""
    return max(float(np.abs(one[name] - other[name]).max()) for name in OUTPUTS)


def batch_drift(runner: onnxruntime.InferenceSession, windows: Windows, names: Mapping[str, str]) -> float:
    """How much batch mates move a likelihood."""
    alone = [likelihoods(runner, window[None], names) for window in windows]
    single = {name: np.concatenate([each[name] for each in alone]) for name in OUTPUTS}
    return distance(likelihoods(runner, windows, names), single)


def milliseconds_per_window(runner: onnxruntime.InferenceSession, windows: Windows, names: Mapping[str, str]) -> float:
    """CPU time, the least of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        started = time.process_time()
        likelihoods(runner, windows, names)
        spent.append(time.process_time() - started)
    return round(1_000 * min(spent) / len(windows), 1)
