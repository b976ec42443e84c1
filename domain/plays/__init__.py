"""Plays: what players report of listening, and what of it counts."""
