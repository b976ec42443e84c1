"""TensorRT plans of exported graphs: built on the machine that runs them, and checked against onnxruntime there."""
