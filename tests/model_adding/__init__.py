"""Adding a model: from a folder or the hub to what Triton serves."""
