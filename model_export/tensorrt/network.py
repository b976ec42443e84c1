"""One graph through TensorRT's builder, strongly typed: every number has the type that the graph says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_export.tensorrt.errors import PlansError
from model_export.tensorrt.installation import Installation
from model_export.tensorrt.profiles import Shapes


@dataclass(frozen=True)
class Built:
    """A plan, and what the builder has learned of the speed of kernels; empty where it keeps nothing."""

    plan: bytes
    timings: bytes


def build_plan(there: Installation, file: Path, shapes: Sequence[dict[str, Shapes]], timings: bytes) -> Built:
    """`shapes` of each profile. Raises PlansError with what the parser or the compiler had against the graph."""
    logger = collecting_logger(there.trt)
    builder = there.trt.Builder(logger)
    network = builder.create_network(_strongly_typed(there.trt))
    parser = there.trt.OnnxParser(network, logger)
    if not parser.parse_from_file(str(file)):
        against = "; ".join(str(parser.get_error(index)) for index in range(parser.num_errors))
        raise PlansError(f"TensorRT does not read {file.name}: {against}")
    configuration = _configuration(there, builder, shapes, timings)
    plan = builder.build_serialized_network(network, configuration)
    if plan is None:
        raise PlansError(_refusal(file, logger.problems))
    return Built(bytes(plan), b"" if there.rtx else bytes(configuration.get_timing_cache().serialize()))


def collecting_logger(trt: Any) -> Any:
    """A logger that keeps what went wrong in `problems`."""

    class Collector(trt.ILogger):
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.problems: list[str] = []

        def log(self, severity: Any, text: str) -> None:
            if severity in (trt.ILogger.Severity.INTERNAL_ERROR, trt.ILogger.Severity.ERROR):
                self.problems.append(text)

    return Collector()


def _strongly_typed(trt: Any) -> int:
    """TensorRT 10 has to be told; 11 knows no other way, and ignores the flag while it has one."""
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    return 0 if flag is None else 1 << int(flag)


def _configuration(there: Installation, builder: Any, shapes: Sequence[dict[str, Shapes]], timings: bytes) -> Any:
    trt, configuration = there.trt, builder.create_builder_config()
    # TF32 has ten bits where float32 has 23, and the export promises float32.
    configuration.clear_flag(trt.BuilderFlag.TF32)
    if there.rtx:
        configuration.num_compute_capabilities = 1
        configuration.set_compute_capability(_target(there), 0)
    else:
        # Of another GPU or version it is of no use: then the builder begins with an empty one.
        if not configuration.set_timing_cache(configuration.create_timing_cache(timings), False):
            configuration.set_timing_cache(configuration.create_timing_cache(b""), False)
    for each in shapes:
        profile = builder.create_optimization_profile()
        for name, sizes in each.items():
            profile.set_shape(name, *sizes)
        configuration.add_optimization_profile(profile)
    return configuration


def _target(there: Installation) -> Any:
    capability = there.machine.capability
    target = getattr(there.trt.ComputeCapability, f"SM{capability.replace('.', '')}", None)
    if target is None:
        raise PlansError(f"{there.name} compiles nothing for compute capability {capability}: use tensorrt there.")
    return target


def _refusal(file: Path, problems: list[str]) -> str:
    told = "; ".join(problems) or "it does not say why"
    if "out of memory" in told.lower():
        return f"The GPU's memory is too small to build {file.name}: free some, or give smaller --rows and --positions."
    return f"TensorRT makes no plan of {file.name}: {told}"
