"""Uploads: people's own audio, from a file of theirs to a track that plays."""
