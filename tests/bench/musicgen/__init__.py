"""Songs as samples by a checkpoint in the shape of MusicGen's small one, beside transformers."""
