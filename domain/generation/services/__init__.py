"""Use cases of generation: request, understand, produce."""
