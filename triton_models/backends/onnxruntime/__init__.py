"""The `onnxruntime` backend of the embedded Triton; the NGC container has its own in C++."""
