"""Triton backends of our own, as Triton loads them: one folder per backend name."""
