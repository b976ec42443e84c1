"""Runs TensorRT's plans of step graphs behind the calls that drive onnxruntime's sessions."""
