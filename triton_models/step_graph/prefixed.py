"""The scheduler's port on MusicGen's graphs of the melody kind: melody and text stand before the codes, in the caches.

Their positions are the first of a prompt, so they are taken in in chunks, as codes are. Used by one thread.
"""

PREFIX = "prefix"
