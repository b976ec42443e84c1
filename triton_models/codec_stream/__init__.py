"""Codes to samples while they are being written, and samples to codes, in windows that join exactly."""
