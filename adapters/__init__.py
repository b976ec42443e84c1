"""One module per outside system, each behind a port of `domain.kit`, each with a twin in `adapters.memory`."""
