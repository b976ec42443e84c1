"""Which recordings are the same, by their bytes and by their sound."""
