"""Drives a step graph with caches in place through onnxruntime, as the scheduler's model."""
