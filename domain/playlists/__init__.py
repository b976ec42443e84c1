"""Playlists: tracks in an order that one or several people give them."""
