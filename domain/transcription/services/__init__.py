"""Use cases of transcription: find the notes of a recording, remember them, and tell them."""
