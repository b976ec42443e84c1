"""Frames of several code books, as token models of audio write them."""
