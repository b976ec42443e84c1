"""Use cases of playlists: keep them, fill them, do so together."""
