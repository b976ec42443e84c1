"""What idempotency does beside its main service."""
