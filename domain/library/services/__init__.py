"""What library does beside its main service."""
