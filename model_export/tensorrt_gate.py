"""Does a graph in standard operators parse and compile under TensorRT's strong typing? Needs no GPU.

Run as a program of its own (`python -m model_export.tensorrt_gate PROFILES`), by any interpreter that has the wheel:
a compiler that dies takes nothing with it.
"""

import importlib
import json
import sys
from typing import Any

# Compiled for one generation; what parses there parses for the others.
CAPABILITY = "SM89"


def compile_engine(trt: Any, file: str, shapes: dict[str, list[list[int]]]) -> str | int:
    """Bytes of the engine, or what the parser or the compiler had against it.

    `shapes` are the smallest, the usual and the largest of every input that has a free dimension.
    """
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
    for name, (smallest, usual, largest) in shapes.items():
        profile.set_shape(name, smallest, usual, largest)
    configuration.add_optimization_profile(profile)
    engine = builder.build_serialized_network(network, configuration)
    return "the compiler gave no engine" if engine is None else int(engine.nbytes)


def main() -> int:
    """Prints JSON: by file, bytes or a problem; exit status 3 where the wheel is absent."""
    try:
        trt = importlib.import_module("tensorrt_rtx")
    except ImportError:
        return 3
    found = {file: compile_engine(trt, file, shapes) for file, shapes in json.loads(sys.argv[1]).items()}
    sys.stdout.write(json.dumps({"version": trt.__version__, "engines": found}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
