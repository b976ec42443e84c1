"""Tests of what token models of audio share."""
