"""Tests of the continuous-batching scheduler."""
