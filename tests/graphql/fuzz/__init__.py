"""Anything that fits the schema, and much that does not quite, is answered properly."""
