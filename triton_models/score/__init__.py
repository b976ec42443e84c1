"""The public Score: its types, its JSON form (cadenza.score/1) and its Standard MIDI form."""
