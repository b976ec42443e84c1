"""Drives a step graph with caches in place through onnxruntime, or its plan, as the scheduler's model."""
