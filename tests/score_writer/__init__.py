"""The score model served: songs and edits, many at once, and what Triton is told of them."""
