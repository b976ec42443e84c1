"""Likes: which tracks a person likes, and how many people like a track."""
