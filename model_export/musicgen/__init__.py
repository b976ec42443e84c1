"""From any MusicGen checkpoint in the hub's format to graphs; reads the checkpoint as data, never as code."""
