"""Writes songs with a score model: plans and windows, one request after the other, for any number of songs at once."""
