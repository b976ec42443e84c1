"""Use cases of bulk edits: start, run, look."""
