"""Idempotency keys: a call that is sent twice happens once."""
