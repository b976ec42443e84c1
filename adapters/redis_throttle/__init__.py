"""Attempts counted in Redis."""
