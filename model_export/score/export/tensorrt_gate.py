"""Stage `tensorrt`: does every standard graph parse and compile under strong typing? Needs no GPU.

Run as a program of its own (`python -m model_export.score.export.tensorrt_gate LIMITS FILE…`), by any interpreter
that has the wheel: a compiler that dies takes nothing with it.
"""

import importlib
import json
import sys
from typing import Any

# Compiled for one generation; what parses there parses for the others.
CAPABILITY = "SM89"


def compile_engine(trt: Any, file: str, limits: dict[str, int]) -> str | int:
    """Bytes of the engine, or what the parser or the compiler had against it."""
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(file):
        return "; ".join(str(parser.get_error(index)) for index in range(parser.num_errors))
    configuration = builder.create_builder_config()
    configuration.num_compute_capabilities = 1
    configuration.set_compute_capability(getattr(trt.ComputeCapability, CAPABILITY), 0)
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        profile.set_shape(tensor.name, *_shapes(tensor.name, tuple(tensor.shape), limits))
    configuration.add_optimization_profile(profile)
    engine = builder.build_serialized_network(network, configuration)
    return "the compiler gave no engine" if engine is None else int(engine.nbytes)


def _shapes(name: str, shape: tuple[int, ...], limits: dict[str, int]) -> list[tuple[int, ...]]:
    """Smallest, usual and largest: rows, new positions and past positions are free."""
    rows, context = limits["rows"], limits["context"]
    chunk = min(limits["chunk"], context)
    free = [(1, 1, min(64, context)), (max(1, rows // 2), 1, max(1, context // 2)), (rows, chunk, context)]
    if name in ("tokens", "positions"):
        return [(r, n) for r, n, _ in free]
    if name == "text":
        return [(r, shape[1]) for r, _, _ in free]
    return [(r, shape[1], past, shape[3]) for r, _, past in free]


def main() -> int:
    """Prints JSON: by file, bytes or a problem; exit status 3 where the wheel is absent."""
    try:
        trt = importlib.import_module("tensorrt_rtx")
    except ImportError:
        return 3
    limits = json.loads(sys.argv[1])
    found = {file: compile_engine(trt, file, limits) for file in sys.argv[2:]}
    sys.stdout.write(json.dumps({"version": trt.__version__, "engines": found}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
