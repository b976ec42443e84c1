"""Playlists in the schema."""
