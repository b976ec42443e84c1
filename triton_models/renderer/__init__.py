"""The renderer: scores to mastered 44.1 kHz stereo with stems. `1/model.py` serves it, the rest is plain Python."""
