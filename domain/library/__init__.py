"""The library: tracks and their versions."""
