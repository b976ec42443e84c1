"""`make bench-models`: how fast a token model is served, beside transformers, on a checkpoint made for it."""
