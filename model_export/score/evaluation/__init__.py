"""Meters of what a model writes, beside the composer and the corpus."""
