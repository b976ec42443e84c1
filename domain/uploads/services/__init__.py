"""Use cases of uploads: open, look, complete, abort, process, clear away."""
