"""Organisations whose servers call the API: members, keys, and the operations that they may run."""
