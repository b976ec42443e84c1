"""Which notes are played in a recording: heard by a model, traced, kept, and told to its owner."""
