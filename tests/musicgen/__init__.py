"""MusicGen checkpoints: reading, graphs and what is promised of them."""
