"""Playback: HLS of a track from its first chunk on, and its downloads."""
