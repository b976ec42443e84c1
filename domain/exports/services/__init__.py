"""Use cases of exports: request, pack, look, clear away."""
