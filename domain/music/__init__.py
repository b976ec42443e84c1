"""Music as people describe it: the vocabulary, and how free text becomes a MusicBrief. No I/O, no models."""
