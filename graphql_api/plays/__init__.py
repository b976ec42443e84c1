"""Plays in the schema, and the address that players report to."""
