"""What can be done with playlists, by what it is about."""
