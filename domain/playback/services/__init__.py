"""Use cases of playback: give out, write, clear away."""
