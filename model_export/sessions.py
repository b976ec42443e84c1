"""onnxruntime as the checks of an export run it: on the CPU, with few threads. Serving has its own."""

from pathlib import Path

import onnxruntime


def session(model: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """On the CPU; waiting threads sleep."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
