"""The sentence encoder behind prompt understanding: from the published weights to a Triton model."""
