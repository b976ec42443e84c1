"""The queries of playlists and of their entries."""
