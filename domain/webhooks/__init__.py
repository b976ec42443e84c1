"""Webhooks: signed deliveries of job events to addresses that an owner has registered."""
