"""Playback in the schema, and the playlists over plain HTTP."""
