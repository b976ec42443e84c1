"""Likes in the schema."""
