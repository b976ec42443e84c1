"""The media studio on FFmpeg (PyAV), soxr, scipy and Pillow, with a light twin for tests."""
