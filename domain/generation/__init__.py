"""Generation: from a prompt to a song."""
