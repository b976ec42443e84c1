"""Executing operations: each is planned once, for one combination of its conditions, and run many times."""
