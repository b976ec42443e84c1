"""Songs as samples by a MusicGen checkpoint's graphs: many at once, heard while they are made."""
